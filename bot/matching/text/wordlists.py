"""Words that every desk meets, whatever its content: English and Spanish, without accents."""


def _words(text: str) -> frozenset[str]:
    return frozenset(text.split())


# They bind a sentence and say nothing of what it is about.
FUNCTION = {
    "en": _words(
        """
        a an the this that these those i im ive id ill me my mine myself you your yours youre u he she it its
        they them their we us our am is are was were be been being do does did doing done dont doesnt didnt
        have has had having havent hasnt hadnt can cant could couldnt will would wont wouldnt shall should may
        might must not no nor and or but so if then than as at by for from in into of off on onto out over to
        up with without about after again all any because before between both during each few how just more
        most now only other own same some such there here too very what whats when where which while who whom
        why yes also let lets get gets got getting isnt arent wasnt werent ok okay hey hi hello
        """
    ),
    "es": _words(
        """
        el la los las un una unos unas lo le les se me mi mis te tu tus su sus nos nuestro nuestra yo tu ella
        ellos ellas nosotros usted ustedes es son era eran ser soy eres somos fue fui estoy esta estan estaba
        estamos este esto estos estas ese eso esa esos esas aquel aquella he ha han hemos habia hay haber
        tengo tiene tienen tenia tener hago hace hacer puedo puede pueden podria puedes poder quiero quiere
        queria de del al a en con sin por para que quien cual cuales cuando donde como cuanto cuanta cuantos
        cuantas y e o u ni pero si no ya muy mas menos tan tanto tambien tampoco solo sobre entre desde hasta
        porque pues aqui ahi alli ahora luego antes despues todo toda todos todas algo alguien alguna alguno
        algun nada nadie ningun ninguna otro otra otros otras mismo misma cada hola favor
        """
    ),
}

# Function words of other languages that English and Spanish do not share.
FOREIGN = _words(
    """
    ich du er wir ihr sie mein meine meinen dein ist sind war nicht kein keine und oder aber wenn wie was wo
    warum der das den dem des ein eine einen einem zu zum zur mit von vom auf fur bei nach uber kann konnen
    habe hat haben bitte mehr auch noch schon geht funktioniert hallo immer wird werden mich mir
    je tu il elle nous vous ils mon ma mes ton votre vos notre est sont suis etait ne pas plus et ou mais le
    les des du au aux dans avec sans sur pour par qui quoi comment pourquoi quand cette ces mot peux peut
    fonctionne marche ai avez avons bonjour merci ordinateur quel quelle ca
    eu voce voces nos ele eles meu minha meus minhas seu sua sao estou esta nao mais e ou mas os da dos das no
    na nos nas ao um uma com sem por pelo pela isso isto quando onde porque nao consigo preciso fazer tem
    funciona obrigado ola posso voces ate ja muito hoje esqueci senha impressora andar tela
    computador notebook faco
    io lui lei noi voi loro il gli uno di dello della dei delle nel nella con per tra fra non piu anche come
    dove quando perche sono sei siamo ho hai abbiamo mio mia miei tuo questo questa posso puo funziona grazie
    ciao che chi
    ik jij hij wij jullie mijn jouw het een van voor met niet geen ook maar als dan wat waar waarom hoe ben
    zijn was heb heeft kan kunnen naar bij uit werkt graag
    """
)

# They say that something is wrong or wanted, and not what.
GENERIC_IN = {
    "en": _words(
        """
        help helping helped problem problems issue issues trouble wrong work works working worked broken broke
        break fail fails failed failing failure error errors bug fix fixed fixing please pls plz thanks thank
        urgent urgently asap emergency need needs needed want wants something somethings anything everything
        nothing stuff thing things stopped stop happen happens happening happened keep keeps still again today
        yesterday morning anymore suddenly someone somebody anyone anybody everybody question ask know idea
        support team guys quick quickly soon important weird strange bad badly worse terrible really super
        totally completely try tries tried trying use using cannot unable assist assistance day hour minute
        minutes since ever never always sorry hurry sos ugh wtf omg lol good afternoon evening dear going go
        goes come make fine right well
        """
    ),
    "es": _words(
        """
        ayuda ayudar ayudame ayudarme ayudenme ayudeis problema problemas incidencia incidencias fallo fallos
        falla fallan fallando fallado error errores mal roto rota rotos funciona funcionan funcionaba
        funcionar funcionando va van vais iba ir sirve sirven anda andan urgente urgentemente urge necesito
        necesita necesitamos socorro gracias porfa porfavor pasa pasado pasando ocurre sucede arreglar arreglo
        arregla arreglen solucion solucionar solucionen cosa cosas hoy ayer manana siempre nunca raro rara
        rapido cuanto pronto posible importante duda pregunta consulta sabe sabeis saber idea alguien equipo
        soporte intento intentado intentar probado probar sigue siguen continua deja dejo dejado buenas buenos
        dias tardes noches podeis podriais puedas dia hora minuto minutos bien tema ve vez veces
        """
    ),
}
GENERIC = GENERIC_IN["en"] | GENERIC_IN["es"]

# What people type in a hurry.
CHAT = {
    "pls": "please",
    "plz": "please",
    "plss": "please",
    "pwd": "password",
    "pw": "password",
    "pswd": "password",
    "passwd": "password",
    "pass": "password",
    "acct": "account",
    "acc": "account",
    "w/": "with",
    "w/o": "without",
    "b/c": "because",
    "bc": "because",
    "cuz": "because",
    "coz": "because",
    "u": "you",
    "ur": "your",
    "r": "are",
    "thx": "thanks",
    "tnx": "thanks",
    "ty": "thanks",
    "tks": "thanks",
    "wanna": "want to",
    "gonna": "going to",
    "gotta": "have to",
    "msg": "message",
    "msgs": "messages",
    "mtg": "meeting",
    "tmrw": "tomorrow",
    "tmr": "tomorrow",
    "comp": "computer",
    "pc": "computer",
    "kb": "keyboard",
    "cert": "certificate",
    "config": "configuration",
    "info": "information",
    "smth": "something",
    "sth": "something",
    "idk": "i dont know",
    "q": "que",
    "k": "que",
    "xq": "porque",
    "pq": "porque",
    "xk": "porque",
    "x": "por",
    "xfa": "por favor",
    "xfavor": "por favor",
    "porfa": "por favor",
    "porfi": "por favor",
    "pf": "por favor",
    "tb": "tambien",
    "tmb": "tambien",
    "d": "de",
    "dnd": "donde",
    "cdo": "cuando",
    "bn": "bien",
    "toy": "estoy",
    "contra": "contrasena",
    "pasword": "password",
    "ordena": "ordenador",
    "orde": "ordenador",
    "compu": "ordenador",
    "computadora": "ordenador",
    "compi": "companero",
    "msj": "mensaje",
}

GREETINGS = _words(
    """
    hi hello hey hiya heya howdy yo morning dear all team folks everyone guys there good afternoon evening
    hola holaa buenas buenos dias tardes noches ey saludos muy equipo chicos companeros
    """
)
GREETING_STARTS = _words("hi hello hey hiya heya howdy good dear hola holaa buenas buenos ey saludos morning")
"""A greeting begins with one of these, and may go on with GREETINGS."""

CLOSINGS = (
    "thanks",
    "thank you",
    "thx",
    "many thanks",
    "kind regards",
    "best regards",
    "regards",
    "cheers",
    "best",
    "sincerely",
    "sent from my",
    "gracias",
    "muchas gracias",
    "mil gracias",
    "saludos",
    "un saludo",
    "atentamente",
    "cordialmente",
    "enviado desde",
)
"""A line that begins with one of these ends what is asked; a signature may follow."""
