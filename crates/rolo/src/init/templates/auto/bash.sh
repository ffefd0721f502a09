function __rolo_auto {
  if [ -z "${ROLO_USE-}" ] || [ -z "${AWS_CREDENTIAL_EXPIRATION-}" ] ||
    [ "$AWS_CREDENTIAL_EXPIRATION" = "${__rolo_told-}" ]; then
    return 0
  fi
  if [ "${BASH_VERSINFO[0]}" -ge 5 ]; then
    local __rolo_soon
    TZ=UTC0 printf -v __rolo_soon '%(%Y-%m-%dT%H:%M:%SZ)T' "$((EPOCHSECONDS + 300))"
    if [[ $AWS_CREDENTIAL_EXPIRATION > $__rolo_soon ]]; then return 0; fi
  fi
  @NAME@ use --auto . || __rolo_told=$AWS_CREDENTIAL_EXPIRATION
  return 0
}
case $- in
  *i*)
    case ${PROMPT_COMMAND-} in
      *__rolo_auto*) ;;
      *) PROMPT_COMMAND="${PROMPT_COMMAND:+$PROMPT_COMMAND$'\n'}__rolo_auto" ;;
    esac
    if [ -z "$(trap -p DEBUG)" ]; then trap '__rolo_auto "$_"' DEBUG; fi
    ;;
esac
