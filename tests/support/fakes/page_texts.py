"""What the desk in memory says: an article, sentences, and examples of what to ask."""

STEPS = """After five wrong passwords the account is locked for 30 minutes.

## Unlock it yourself

1. Open **account.example.com** on your phone.
2. Choose *Unlock my account* and confirm with the authenticator.
3. Wait a minute, then sign in with your `usual password`.

## When it does not help

- Check that Caps Lock is off.
- Restart the laptop and try once more.
"""
PASOS = """Tras cinco contraseñas incorrectas, la cuenta se bloquea 30 minutos.

1. Abre **account.example.com** en tu móvil.
2. Elige *Desbloquear mi cuenta* y confirma con el autenticador.
3. Espera un minuto e inicia sesión con tu contraseña de siempre.
"""
TEXT = {
    "en": {
        "locked": "Account locked",
        "whole": "Read the whole article",
        "solved": "Solved",
        "person": "Get a person",
        "opened": "I have opened {ticket}. An engineer will read it soon and answer you here.",
        "seen": "The engineers see your question and what I answered, not the rest of this conversation.",
        "cancel": "Cancel {ticket}",
        "which": "Which of these is it?",
        "none": "None of these",
        "glad": "Glad it works.",
        "taken": "{name} is looking at {ticket} now.",
        "done": "{ticket} is resolved. {name} says:",
    },
    "es": {
        "locked": "Cuenta bloqueada",
        "whole": "Leer el artículo completo",
        "solved": "Resuelto",
        "person": "Quiero una persona",
        "opened": "He abierto {ticket}. El equipo de ingeniería lo leerá pronto y te responderá aquí.",
        "seen": "Verán tu pregunta y lo que te he respondido, no el resto de esta conversación.",
        "cancel": "Cancelar {ticket}",
        "which": "¿Cuál de estas es?",
        "none": "Ninguna de estas",
        "glad": "Me alegro de que funcione.",
        "taken": "{name} ya está con {ticket}.",
        "done": "{ticket} está resuelta. {name} dice:",
    },
}
EXAMPLES = {
    "en": ("My account is locked, I can't sign in", "The VPN won't connect", "A new chair"),
    "es": ("Mi cuenta está bloqueada y no puedo entrar", "La VPN no conecta", "Una silla nueva"),
}
