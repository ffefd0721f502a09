# Completion of rolo for bash.

__rolo_complete() {
    COMPREPLY=()
    local line="${COMP_LINE:0:COMP_POINT}" answer kind
    answer="$(command rolo complete bash -- "$line" "$COMP_WORDBREAKS" 2>/dev/null)" || return 0
    kind="${answer%%$'\n'*}"
    case "$kind" in
        values)
            compopt +o bashdefault +o default 2>/dev/null
            local candidate
            while IFS= read -r candidate; do
                COMPREPLY+=("${candidate%%$'\t'*}")
            done <<<"${answer#values}"
            # What stands before the first value is the end of the first line.
            COMPREPLY=("${COMPREPLY[@]:1}")
            ;;
        nothing) compopt +o bashdefault +o default 2>/dev/null ;;
        command\ *) __rolo_complete_command "${kind#command }" ;;
    esac
    return 0
}

# The command that begins at a character of the line, as bash completes it by itself.
__rolo_complete_command() {
    local offset="$1" at=0 start=0 word tail before
    for word in "${COMP_WORDS[@]}"; do
        tail="${COMP_LINE:start}"
        before="${tail%%"$word"*}"
        ((start + ${#before} >= offset || at == COMP_CWORD)) && break
        ((start += ${#before} + ${#word}, at += 1))
    done
    COMP_WORDS=("${COMP_WORDS[@]:at}")
    ((COMP_CWORD -= at))
    COMP_LINE="${COMP_LINE:offset}"
    ((COMP_POINT -= offset))
    local name="${COMP_WORDS[0]}" current="${COMP_WORDS[COMP_CWORD]}"
    if ((COMP_CWORD == 0)); then
        local candidate
        while IFS= read -r candidate; do
            COMPREPLY+=("$candidate")
        done < <(compgen -c -- "$current")
        return 0
    fi
    local previous="${COMP_WORDS[COMP_CWORD - 1]}" loader spec
    for loader in _comp_load _completion_loader; do
        complete -p -- "$name" &>/dev/null && break
        declare -F "$loader" >/dev/null && "$loader" "$name" &>/dev/null
    done
    spec="$(complete -p -- "$name" 2>/dev/null)" || return 0
    local -a how=()
    eval "how=($spec)"
    for ((at = 1; at < ${#how[@]} - 1; at++)); do
        case "${how[at]}" in
            -F)
                "${how[at + 1]}" "$name" "$current" "$previous"
                return 0
                ;;
            -C)
                local candidate
                while IFS= read -r candidate; do
                    COMPREPLY+=("$candidate")
                done < <(
                    export COMP_LINE COMP_POINT COMP_TYPE COMP_KEY
                    eval "${how[at + 1]} \"\$name\" \"\$current\" \"\$previous\"" 2>/dev/null
                )
                return 0
                ;;
        esac
    done
}

complete -o bashdefault -o default -F __rolo_complete rolo assume-role roly __ROLO_NAME__
