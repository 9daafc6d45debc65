import { test } from 'uvu'
import { file } from '../../../../lib/operations/file.ts'
import { redis } from '../../../../lib/operations/redis.ts'
import { plans } from '../../../support/operations.ts'

const after = file({ path: '/etc/redis/redis.conf', content: '' })
plans(redis.ping, {
  'it answers': ['PONG\n', { container: 'cache' }, []],
  'it still loads': [
    'LOADING Redis is loading the dataset in memory\n',
    { container: 'cache' },
    ['answer: LOADING Redis is loading the dataset in memory -> PONG'],
  ],
  'nobody listens, until something before it is done': [
    'nothing\n',
    { waitFor: after },
    /^nothing, until file/,
    true,
  ],
  'a password that it does not know': [
    'WRONGPASS invalid username-password pair\n',
    {},
    /refuses the login: WRONGPASS/,
  ],
  'no container': [
    { exitCode: 3, stderr: 'no container cache runs on this host' },
    { container: 'cache' },
    /no container cache runs/,
  ],
})

test.run()
