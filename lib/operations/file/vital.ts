/** The top folders, and those below /usr, /var, /etc and /home that hold what others put there. */
export const vital =
  /^\/([^/]+|usr\/[^/]+|usr\/local\/[^/]+|var\/[^/]+|var\/lib\/(apt|dpkg|docker|containerd|systemd|brd)|etc\/(apt|cron\.d|default|init\.d|pam\.d|passwd|group|shadow|ssh|ssl|sudoers|sudoers\.d|systemd|systemd\/system|fstab)|home\/[^/]+|root\/\.ssh)$/
