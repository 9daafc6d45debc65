import { Unreachable } from '../connection.ts'

/**
 * The host answered, and trying again will not help: its key is not the known one, or it does not
 * accept who we are.
 */
export class Rejected extends Unreachable {}
