"""Events, clicks and forms from Slack as utterances of the desk."""
