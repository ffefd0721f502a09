function @NAME@ --description 'rolo, whose use and off change this shell'
    switch "$argv[1]"
        case use off
            set -l __rolo_text (ROLO_SHELL=fish command rolo $argv)
            set -l __rolo_code $status
            if test $__rolo_code -eq 0
                eval $__rolo_text
            end
            return $__rolo_code
        case '*'
            command rolo $argv
    end
end
