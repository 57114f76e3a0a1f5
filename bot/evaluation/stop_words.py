"""Words that say nothing of what a question is about, in English and Spanish, without accents."""

ORDINARY = frozenset(
    """
    about after again all also and any anyone anything are because been before being but can cannot could
    did does doing don done for from get gets getting give going gone got had has have having hello help her
    here hey him his how info information inform into isn its just keep know let like look make many may
    mean means more most much must my need needs new not now off one only other our out over own per please
    pls really right same say see she should show since some someone something still such take tell than
    thank thanks that the their them then there these they thing things this those time today too try trying
    until use used using very want wants was way were what when where which while who whom whose whats why
    will wish with won would yes yet you your find long there

    acerca ahi ahora algo alguien algun alguna algunas algunos alli ante antes aqui asi aun aunque bien bueno
    cada casi como con contra cosa cosas cual cuales cuando cuanta cuantas cuanto cuantos dar debe debo decir
    deja del desde dia donde dos duda ella ellas ellos entre era eres esa esas ese eso esos esta estan estar
    estas este esto estos estoy favor fue gracias gustaria haber habia hace hacer hacia hago han hasta hay
    hola hoy igual las les los mas me mi mis mismo mucha mucho muchas muchos muy nada nadie necesito ninguna
    ninguno nos nosotros nuestra nuestro nunca otra otras otro otros para pero poder podeis podria por porfa
    porque pueda puede pueden puedo que quien quienes quiere quiero quisiera saber sabes sale ser seria si
    siempre sin sobre solo son soy sus tal tambien tanto tengo tiene tienen toda todas todo todos tras una
    unas uno unos usted ustedes vale van vez voy ver
    """.split()
)
