"""How often what may be called, before it is scaled: one table."""

from domain.rate_limit import GrowingDelay, Rate

# By the caller's network.
REGISTER = Rate("register", 20, 60)
LOGIN = Rate("login", 30, 60)
FAILED_LOGIN = Rate("failed_login", 10, 60, refundable=True)
SIGN_IN = Rate("sign_in", 30, 60)
VERIFY_EMAIL = Rate("verify_email", 20, 60)
RESEND_VERIFICATION = Rate("resend_verification", 20, 60)
FORGOT_PASSWORD = Rate("forgot_password", 20, 60)
RESET_PASSWORD = Rate("reset_password", 20, 60)

# By the address that a mail would go to.
REGISTRATION_MAILS = (Rate("registration_mail", 5, 60), Rate("registration_mails", 10, 3600))
VERIFICATION_MAILS = (Rate("verification_mail", 1, 60), Rate("verification_mails", 5, 3600))
RESET_MAILS = (Rate("reset_mail", 1, 60), Rate("reset_mails", 5, 3600))

# By user, by session, by connection.
CHANGE_PASSWORD = Rate("change_password", 5, 60)
DELETE_ACCOUNT = Rate("delete_account", 5, 60)
REFRESH = Rate("refresh", 60, 60)
CONNECT = Rate("connect", 10, 60)
SYNC = Rate("sync", 6, 60)

PASSWORD_GUESSES = GrowingDelay(free=5, within_seconds=300, first_seconds=60, longest_seconds=900)
