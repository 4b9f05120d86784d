from hypothesis import settings

# A busy machine is no failure; and nothing is written beside the code.
settings.register_profile("steady", deadline=None, database=None)
settings.load_profile("steady")
