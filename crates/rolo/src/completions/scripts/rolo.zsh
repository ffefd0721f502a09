#compdef rolo assume-role roly __ROLO_NAME__
# Completion of rolo for zsh.

__rolo_complete() {
    local -a lines shown
    lines=("${(@f)$(command rolo complete zsh -- "${(@Q)words[1,CURRENT-1]}" "${(Q)PREFIX}" 2>/dev/null)}")
    case $lines[1] in
        values)
            shift lines
            (( $#lines )) || return 1
            shown=("${(@)lines/$'\t'/  -- }")
            lines=("${(@)lines%%$'\t'*}")
            if [[ "$shown" == "$lines" ]]; then
                compadd -a lines
            else
                compadd -l -d shown -a lines
            fi
            ;;
        files) _files ;;
        command\ *)
            local at=${lines[1]#command }
            shift $at words
            (( CURRENT -= at ))
            _normal
            ;;
        *) return 1 ;;
    esac
}

if [[ ${funcstack[1]-} == _rolo ]]; then
    __rolo_complete "$@"
elif (( ${+functions[compdef]} )); then
    compdef __rolo_complete rolo assume-role roly __ROLO_NAME__
fi
