var __rolo_told = ''
fn __rolo_auto {
  if (and (has-env ROLO_USE) (has-env AWS_CREDENTIAL_EXPIRATION) (not-eq $E:AWS_CREDENTIAL_EXPIRATION $__rolo_told)) {
    try {
      @NAME@ use --auto .
    } catch {
      set __rolo_told = $E:AWS_CREDENTIAL_EXPIRATION
    }
  }
}
# What an earlier `rolo init` left is taken out; what is built in shows no `def`.
fn __rolo_others {|hooks|
  use str
  each {|hook|
    var def = ''
    try { set def = $hook[def] } catch { nop }
    if (not (str:contains $def __rolo_)) { put $hook }
  } $hooks
}
try {
  eval &ns=(ns [&__rolo_auto~=$__rolo_auto~ &__rolo_others~=$__rolo_others~]) '
    set edit:before-readline = [(__rolo_others $edit:before-readline) {|| __rolo_auto }]
    set edit:after-readline = [(__rolo_others $edit:after-readline) {|_| __rolo_auto }]'
} catch {
  nop
}
