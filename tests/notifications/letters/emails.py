from notifications.mail import Mail


def numbered(subject_id, recipient, version):
    return {"number": subject_id}


notice = Mail("letters.notice", template="letters/letter", context=numbered, must_arrive=True)
digest = Mail("letters.digest", template="letters/letter", context=numbered)
