"""Who delivers mails: an SMTP server, the sandbox's mailbox, the console, or a list."""
