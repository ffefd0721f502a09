# Completion of rolo for Elvish.

use str

var rolo-complete~ = {|@words|
    var lines = []
    try {
        set lines = [((external rolo) complete elvish -- $@words)]
    } catch _ { }
    if (== (count $lines) 0) {
        nop
    } elif (eq $lines[0] values) {
        for line $lines[1..] {
            var value about = (str:split "\t" $line"\t" | take 2)
            if (eq $about '') {
                edit:complex-candidate $value &code-suffix=' '
            } else {
                edit:complex-candidate $value &code-suffix=' ' &display=$value'  ('$about')'
            }
        }
    } elif (eq $lines[0] files) {
        edit:complete-filename $@words
    } elif (str:has-prefix $lines[0] 'command ') {
        var at = (str:trim-prefix $lines[0] 'command ')
        edit:complete-sudo sudo (all $words[$at..])
    }
}

for name [rolo assume-role roly __ROLO_NAME__] {
    set edit:completion:arg-completer[$name] = $rolo-complete~
}
