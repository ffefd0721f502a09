# Completion of rolo for Nushell.

const __rolo_names = [rolo assume-role roly __ROLO_NAME__]
$env.config.completions.external.enable = true
$env.config.completions.external.completer = (
    do {|before|
        {|spans|
            let name = ($spans | first | path basename)
            let answer = if $name in $__rolo_names {
                try { ^rolo complete nushell -- ...$spans | from json } catch { null }
            }
            if $name not-in $__rolo_names {
                if $before == null { null } else { do $before $spans }
            } else if $answer == null or $answer.kind == files {
                null
            } else if $answer.kind == command {
                if $before == null { null } else { do $before ($spans | skip $answer.at) }
            } else {
                $answer.values
            }
        }
    } ($env.config.completions.external.completer?)
)
