# rolo, whose use and off change this shell
@complete external
def --env --wrapped "@NAME@" [...words: string] {
  if ($words | get --optional 0) not-in [use off] {
    ^rolo ...$words
  } else {
    let text = (with-env { ROLO_SHELL: nushell } { ^rolo ...$words })
    if ($text | is-empty) { return }
    let pairs = ($text | from json | transpose name value)
    for pair in ($pairs | where value != null) {
      load-env { $pair.name: $pair.value }
    }
    hide-env --ignore-errors ...($pairs | where value == null | get name)
  }
}
