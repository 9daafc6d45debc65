import { execFileSync } from 'node:child_process'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { sh } from '../../lib/sh.ts'
import { findShell, SHELLS } from '../support/shells.ts'
import { inVirtualTime, pass } from './clock.ts'
import { SimulatedHost } from './host/host.ts'
import { openNull, openWriter } from './host/pipes.ts'
import { Random } from './random.ts'
import { ModelGap } from './shell/gap.ts'
import { runShell } from './shell/interpret.ts'

/** What a script prints and how it ends, in the model of a shell. */
const runModel = (script: string): Promise<string> =>
  inVirtualTime(async agenda => {
    const host = new SimulatedHost('host', agenda, new Random(1))
    host.files.makeFolders('/here')
    const out = host.kernel.createPipe()
    let printed = ''
    out.readers++
    out.sink = bytes => {
      printed += bytes.toString('latin1')
    }
    const shell = host.kernel.start(null, 'sh', [], runShell(wrap(script)))
    shell.folder = '/here'
    shell.set(0, openNull())
    shell.set(1, openWriter(out))
    shell.set(2, openNull())
    await pass(agenda, 60_000)
    return printed
  })

const wrap = (script: string): string => `( ${script}\n) 2>/dev/null; echo "exit $?"`

const runReal = (name: (typeof SHELLS)[number], script: string): string => {
  const cwd = mkdtempSync(join(tmpdir(), 'brd-model-'))
  try {
    const stdio = ['ignore', 'pipe', 'ignore'] as const
    return execFileSync(findShell(name), ['-c', wrap(script)], {
      cwd,
      encoding: 'latin1',
      stdio: [...stdio],
    })
  } finally {
    rmSync(cwd, { recursive: true })
  }
}

/** Scripts whose output the model must give as the shells do. */
const SCRIPTS = [
  sh`echo a  b "c  d"; x="1  2"; echo $x "$x"`,
  sh`x='*'
    echo "$x"
    set -- a 'b c' d
    echo $# "$2"
    shift
    echo "$*" $1
    for i
    do echo $i
    done`,
  sh`s="1 (a) b) S 1 2 3"
    s=\${s##*) }
    set -- $s
    echo $1 $4
    p=/x/y/z.tar.gz
    echo \${p%.*} \${p%%.*} \${p#*/} \${p##*/}`,
  sh`f() { echo $1
    return 3
    }
    f x
    echo $?
    f() ( exit 4 )
    f || echo no $?
    ! f && echo yes`,
  sh`case abc in a|b) echo 1;; a*) echo 2;; *) echo 3;; esac
    case x.y in *.y) echo ok;; esac`,
  sh`i=0
    while [ $i -lt 3 ]
    do i=$((i+1))
    [ $i = 2 ] && continue
    echo $i
    done
    until [ $i = 0 ]
    do i=$((i-1))
    done
    echo $((i*2+7/2-(4-1)))`,
  sh`( exit 7 )
    echo $?
    { false || true
    } && echo t
    false
    echo $?
    if false
    then :
    elif true
    then echo e
    else echo f
    fi`,
  sh`echo one >f
    echo two >>f
    cat f
    wc -c <f
    x=$(cat f
    echo
    echo)
    echo "[$x]"
    cat nothing
    echo $?`,
  sh`printf "a\nb c\n" >f
    while read -r x y
    do echo "<$x|$y>"
    done <f
    read -r z <f
    echo $z
    read -r q </dev/null || echo end`,
  sh`printf abcdefghij | dd bs=4 count=2 iflag=fullblock 2>/dev/null
    echo
    printf abc | { dd bs=2 count=1 iflag=fullblock 2>/dev/null
    cat
    }`,
  sh`case $(printf abcdef | dd bs=3 count=2 iflag=fullblock 2>&1 >/dev/null) in
    "2+0 "*) echo whole;; esac`,
  sh`printf "a\nb\n" | ( read -r x
    echo $x
    cat )
    echo x | cat | wc -c | while read -r n
    do echo $n
    done`,
  sh`mkdir d
    : >d/a.1
    : >d/a.2
    : >d/b
    echo d/a.* d/none*
    rm -f d/a.*
    echo d/*
    rm -rf d
    [ -d d ] || echo gone`,
  sh`ln -s here l
    readlink l
    ln -s other l || echo no
    [ -h l ] && [ ! -e l ] && echo dangling
    mv -f l m
    readlink m`,
  sh`set -C
    echo a >f
    echo b >f || echo kept
    cat f
    rm f
    [ -e f ] || echo none
    [ -n "" ] || [ -z "" ] && echo z`,
  sh`( trap "echo bye" 0; echo hi ); ( exit 9 ); echo $?`,
  sh`x=1
    ( x=2
    echo $x )
    echo $x
    y=$(x=3
    echo $x)
    echo $x $y
    eval "x=4; echo \$x"
    echo $x
    unset x
    echo "[\${x:-none}]" "[\${x:+some}]"`,
  sh`exec 3>f
    echo to3 >&3
    exec 3>&-
    cat f
    { echo out
    echo err >&2
    } 2>/dev/null
    { echo e >&2
    } 2>&1`,
  sh`sleep 0.1 & p=$!
    kill -0 $p && echo lives
    wait $p
    echo $?
    kill -0 $p 2>/dev/null || echo over`,
  sh`sh_pid=$$
    ( [ $$ = $sh_pid ] && echo same )
    true && { echo a
    echo b
    } | wc -c`,
  sh`f() { set -- x y
    echo $#
    }
    set -- 1 2 3
    f
    echo $#
    g() { for q
    do echo -n "$q."
    done
    }
    g "$@"
    echo
    g
    echo`,
  sh`cp f g || echo none
    echo 1 >f
    mkdir s
    cp f s/
    cat s/f
    cmp -s f s/f && echo same
    echo 2 >f
    cmp -s f s/f || echo other
    cmp -s f no
    echo $?`,
  sh`mkfifo p
    cat <p & echo through >p
    wait
    [ -p p ] && echo fifo
    printf abcdef | tail -c 2
    echo`,
  sh`a= b=2
    echo "[$a][$b]"
    v=x:y
    echo \${v%%:*}
    echo 'c"d' "e'f"
    echo $(echo "in $(echo deep)")`,
  sh`a=1
    b=2
    ( b=3
    unset a
    ( ( ( ( ( ( ( ( d=5
    b=6
    echo "[$a]" $b $d
    ) ) ) ) ) ) )
    echo "[$a]" $b $d
    )
    a=4
    echo "[$a]" $b )
    echo "[$a]" $b`,
  sh`s=a.b.c
    echo \${s#*.} \${s##*.} \${s%.*} \${s%%.*} "\${s#*}" "\${s##*}" "\${s%*}" "\${s%%*}"
    echo \${s#*x} \${s%x*} \${s#*[.]} \${s%%[.]*} \${s#a.} \${s%.c}
    t='a*b*c'
    echo "\${t#*"*"}" "\${t%"*"*}" "\${t%"*"}" "\${t##*\\*}"`,
  sh`printf ' one  two three \n' >f
    read -r x <f
    echo "[$x]"
    read -r x y <f
    echo "[$x][$y]"
    printf 'no end' >f
    read -r x y z <f
    echo $? "[$x][$y][$z]"
    cat f | { read -r x y
    echo $? "[$x][$y]"
    }`,
  sh`f() { for i in 1 2 3
    do { [ $i = 2 ] && return 7; } >out
    echo $i
    done
    }
    f a
    echo $? $#
    g() { eval 'echo in; return 3'; echo never; }
    g || echo $?
    { echo a; cat <none || echo no; } 2>out
    x=\${no:-$(echo given)}
    echo $x "\${x:+$(echo is) set}" \${x:-$(echo never)}
    for i in a b
    do while :
    do continue 2
    done
    done
    echo $i`,
  sh`exit 5`,
]

for (const name of SHELLS) {
  const test = suite(`the model is ${name}`)
  for (const script of SCRIPTS)
    test(script.text.slice(0, 60).split('\n')[0] ?? '', async () =>
      assert.is(await runModel(script.text), runReal(name, script.text)),
    )
  test.run()
}

const test = suite('what the model does not know')
for (const script of ['no_such_thing', 'awk 1', 'select x in a; do :; done', 'ls', 'echo `x`'])
  test(script, async () => {
    try {
      await runModel(script)
      assert.unreachable()
    } catch (error) {
      assert.instance(error, ModelGap)
    }
  })
test.run()
