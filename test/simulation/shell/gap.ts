/**
 * The model does not know what it was asked for: a construct of the shell, a program or an option.
 * This is never a result of the simulated host. The run ends, so that the model cannot rot.
 */
export class ModelGap extends Error {
  constructor(what: string) {
    super(`the simulated host does not know ${what}: teach it in test/simulation/`)
    this.name = 'ModelGap'
  }
}
