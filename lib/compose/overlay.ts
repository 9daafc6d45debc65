/** What the overlay networks of a cluster have in common. */
export type OverlayNetwork = {
  /** MTU of those networks, if the servers' network carries less than 1500 bytes: that less 50. */
  readonly mtu?: number
  /**
   * True: what goes between two nodes on those networks is encrypted, which takes ESP in the
   * kernels, and in the firewalls between the nodes. Default false.
   */
  readonly encrypted?: boolean
}

/** Picks these options, for a network of a stack or a shared one. */
export const pickOverlay = ({ mtu, encrypted }: OverlayNetwork): OverlayNetwork => ({
  ...(mtu === undefined ? {} : { mtu }),
  ...(encrypted ? { encrypted } : {}),
})
