const [search, shown, unfold] = ['search', 'shown', 'unfold'].map(id => document.getElementById(id))
const boxes = [...document.querySelectorAll('input[name=is]')]
const rows = [...document.querySelectorAll('.ops tbody tr')].map(row => ({
  row,
  text: row.textContent.toLowerCase(),
}))
const hosts = [...document.querySelectorAll('.hosts tbody tr')].map(row => ({
  row,
  text: row.dataset.host.toLowerCase(),
}))

/** Rows with the text and one of the outcomes; hosts with the text, all where no host has it. */
const filter = () => {
  const wanted = search.value.trim().toLowerCase()
  const on = new Set(boxes.filter(box => box.checked).map(box => box.value))
  for (const { row, text } of rows) row.hidden = !on.has(row.dataset.is) || !text.includes(wanted)
  const some = hosts.some(({ text }) => text.includes(wanted))
  for (const { row, text } of hosts) row.hidden = some && !text.includes(wanted)
  shown.value = `${rows.filter(({ row }) => !row.hidden).length} of ${rows.length} shown`
}

/** What a link leads to is seen, whatever is filtered. */
const reveal = () => {
  const row = location.hash.startsWith('#o')
    ? document.getElementById(location.hash.slice(1))
    : null
  if (!row?.dataset.is) return
  row.hidden = false
  const details = row.querySelector('th details')
  if (details) details.open = true
  row.scrollIntoView({ block: 'center' })
}

search.addEventListener('input', filter)
search.form.addEventListener('submit', event => event.preventDefault())
for (const box of boxes) box.addEventListener('change', filter)
unfold.addEventListener('click', () => {
  const all = rows.flatMap(({ row }) => (row.hidden ? [] : [...row.querySelectorAll('th details')]))
  const open = !all.every(one => one.open)
  for (const one of all) one.open = open
  unfold.textContent = open ? 'Fold all' : 'Unfold all'
})
addEventListener('hashchange', reveal)
filter()
reveal()
