function __rolo_auto --on-event fish_prompt --on-event fish_preexec
    if set -q ROLO_USE AWS_CREDENTIAL_EXPIRATION
        and test "$AWS_CREDENTIAL_EXPIRATION" != "$__rolo_told"
        @NAME@ use --auto .
        or set -g __rolo_told $AWS_CREDENTIAL_EXPIRATION
    end
end
