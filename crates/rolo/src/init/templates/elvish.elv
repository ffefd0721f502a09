fn @NAME@ {|@__rolo_words|
  if (and (> (count $__rolo_words) 0) (has-value [use off] $__rolo_words[0])) {
    eval (e:env ROLO_SHELL=elvish rolo $@__rolo_words | slurp)
  } else {
    e:rolo $@__rolo_words
  }
}
# Scripts have no editor, and take the function with `&on-end`.
try {
  eval &ns=(ns [&'@NAME@~'=$'@NAME@~']) 'edit:add-var ''@NAME@~'' $''@NAME@~'''
} catch {
  nop
}
