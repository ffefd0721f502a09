//! Every environment variable that rolo reads or sets, declared once.
