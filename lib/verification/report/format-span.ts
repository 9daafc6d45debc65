/** Formats seconds by their largest unit: `45 s`, `4 min`, `31 h`, `4 days`. */
export const formatSpan = (seconds: number): string => {
  const whole = Math.max(0, seconds)
  if (whole < 59.5) return `${Math.round(whole)} s`
  if (whole < 5_970) return `${Math.round(whole / 60)} min`
  if (whole < 71.5 * 3_600) return `${Math.round(whole / 3_600)} h`
  return `${Math.round(whole / 86_400)} days`
}
