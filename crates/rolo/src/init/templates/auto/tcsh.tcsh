set __rolo_told = '';
alias __rolo_renew 'eval `env ROLO_SHELL=tcsh rolo use --auto .`; if ( $status != 0 ) set __rolo_told = "$AWS_CREDENTIAL_EXPIRATION"';
alias __rolo_look 'if ( "$AWS_CREDENTIAL_EXPIRATION" != "$__rolo_told" ) eval __rolo_renew';
alias __rolo_auto 'if ( $?ROLO_USE && $?AWS_CREDENTIAL_EXPIRATION ) eval __rolo_look';
if ( "`alias precmd`" !~ *__rolo_auto* ) alias precmd "`alias precmd`;__rolo_auto";
if ( "`alias postcmd`" !~ *__rolo_auto* ) alias postcmd "`alias postcmd`;__rolo_auto";
