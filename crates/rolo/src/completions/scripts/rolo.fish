# Completion of rolo for fish.

function __rolo_complete
    set -l words (commandline -opc)
    set -l current (commandline -ct)
    set -l lines (command rolo complete fish -- $words "$current" 2>/dev/null)
    switch "$lines[1]"
        case values
            printf '%s\n' $lines[2..]
        case files
            __fish_complete_path "$current"
        case 'command *'
            set -l at (string replace 'command ' '' -- $lines[1])
            set -l typed
            if test (count $words) -gt $at
                set typed (string escape -- $words[(math $at + 1)..])
            end
            complete -C (string join ' ' -- $typed "$current")
    end
end

for __rolo_name in rolo assume-role roly __ROLO_NAME__
    complete -e -c $__rolo_name
    complete -c $__rolo_name -f -a '(__rolo_complete)'
end
set -e __rolo_name
