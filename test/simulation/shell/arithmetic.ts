import { ModelGap } from './gap.ts'

const LEVELS = [
  ['<', '>', '<=', '>=', '==', '!='],
  ['+', '-'],
  ['*', '/', '%'],
]

/** Computes what is in `$((…))`; `value` gives a variable. */
export const compute = (expression: string, value: (name: string) => string): number => {
  const tokens = expression.match(/\d+|[A-Za-z_]\w*|[<>=!]=|[-+*/%()<>]|\S/g) ?? []
  let at = 0
  const operand = (): number => {
    const token = tokens[at++] ?? ''
    if (token === '-') return -operand()
    if (token === '(') {
      const inner = level(0)
      at++
      return inner
    }
    if (/^\d+$/.test(token)) return Number(token)
    if (/^\w+$/.test(token)) return Number(value(token) || 0)
    throw new ModelGap(`the expression ${expression}`)
  }
  const level = (depth: number): number => {
    const operators = LEVELS[depth]
    if (!operators) return operand()
    let left = level(depth + 1)
    while (operators.includes(tokens[at] ?? '')) {
      const operator = tokens[at++] as string
      left = apply(operator, left, level(depth + 1))
    }
    return left
  }
  const result = level(0)
  if (at < tokens.length) throw new ModelGap(`the expression ${expression}`)
  return result
}

const apply = (operator: string, left: number, right: number): number => {
  switch (operator) {
    case '+':
      return left + right
    case '-':
      return left - right
    case '*':
      return left * right
    case '/':
      return Math.trunc(left / right)
    case '%':
      return left % right
    case '<':
      return Number(left < right)
    case '>':
      return Number(left > right)
    case '<=':
      return Number(left <= right)
    case '>=':
      return Number(left >= right)
    case '==':
      return Number(left === right)
    default:
      return Number(left !== right)
  }
}
