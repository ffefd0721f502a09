function __rolo_auto {
  if [[ -z ${ROLO_USE-} || -z ${AWS_CREDENTIAL_EXPIRATION-} ||
      $AWS_CREDENTIAL_EXPIRATION == ${__rolo_told-} ]]; then
    return 0
  fi
  if (( ${+EPOCHSECONDS} )); then
    local __rolo_soon
    TZ=UTC0 strftime -s __rolo_soon '%Y-%m-%dT%H:%M:%SZ' $(( EPOCHSECONDS + 300 ))
    if [[ $AWS_CREDENTIAL_EXPIRATION > $__rolo_soon ]]; then return 0; fi
  fi
  @NAME@ use --auto . || typeset -g __rolo_told=$AWS_CREDENTIAL_EXPIRATION
  return 0
}
zmodload zsh/datetime 2>/dev/null || true
autoload -Uz add-zsh-hook
add-zsh-hook precmd __rolo_auto
add-zsh-hook preexec __rolo_auto
