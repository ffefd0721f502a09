alias @NAME@ '__rolo_\!*';
alias __rolo_ '\rolo';
alias __rolo_use 'eval `env ROLO_SHELL=tcsh rolo use \!*`';
alias __rolo_off 'eval `env ROLO_SHELL=tcsh rolo off \!*`';
