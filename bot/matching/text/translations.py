"""Words of one language for those of the other, so that a question meets an article that only the other has.

They are used for words that the content does not know at all. What everybody says at a support desk, no more:
names and loanwords (VPN, Wi-Fi, Outlook) are the same in both.
"""

from collections.abc import Callable

from bot.matching.text.normalise import fold
from bot.matching.text.stems import Stems

_PAIRS = """
    account cuenta | password contraseña clave | username usuario | key clave llave | login acceso
    sign firma | access acceso acceder | permission permiso | rights permisos | locked bloqueado bloqueada
    unlock desbloquear | forgotten olvidado olvidada | forgot olvidé olvidado | reset restablecer
    change cambiar cambio | expired caducado caducada | expire caducar
    computer ordenador equipo computadora | laptop portátil | phone móvil teléfono celular | mobile móvil
    tablet tableta | screen pantalla | monitor monitor pantalla | keyboard teclado | mouse ratón
    headset auriculares cascos | headphones auriculares cascos | microphone micrófono | speaker altavoz
    sound sonido | audio sonido | volume volumen | camera cámara | webcam cámara | printer impresora
    print imprimir | paper papel | toner tóner | scanner escáner | scan escanear | battery batería
    charge cargar | charger cargador | cable cable | power corriente encender | disk disco | drive unidad
    space espacio | memory memoria | folder carpeta | file archivo fichero | shared compartido compartida
    share compartir | backup copia | restore recuperar restaurar | recover recuperar
    deleted borrado borrada eliminado | delete borrar eliminar | mail correo | email correo | mailbox buzón
    message mensaje | attachment adjunto | calendar calendario | meeting reunión | room sala
    reply respuesta | spam spam | network red | internet internet | connection conexión
    connect conectar conectarse | disconnect desconectar | wireless inalámbrico | website web página
    page página | browser navegador | link enlace | certificate certificado | warning aviso
    software programa | program programa | app aplicación | application aplicación | install instalar
    installation instalación | uninstall desinstalar | update actualización actualizar
    updates actualizaciones | upgrade actualizar | licence licencia | license licencia | download descargar
    upload subir | start arrancar | restart reiniciar | boot arrancar | shutdown apagar | slow lento lenta
    crash cuelga cerrarse | freeze congela bloquea | hang cuelga | broken roto rota | lost perdido perdida
    stolen robado robada | theft robo | virus virus | suspicious sospechoso | phishing suplantación
    security seguridad | code código | verification verificación | token ficha | card tarjeta
    badge tarjeta acreditación | door puerta | payslip nómina | salary nómina sueldo | payroll nómina
    expenses gastos | invoice factura | holiday vacaciones | vacation vacaciones | leave permiso baja
    employee empleado empleada | company empresa | office oficina | desk mesa puesto
    department departamento | team equipo | manager jefe | remote remoto | home casa
    request pedir solicitar solicitud | order pedir pedido | buy comprar | new nuevo nueva | open abrir
    close cerrar | save guardar | copy copiar | move mover | create crear | add añadir | remove quitar
    find encontrar buscar | search buscar | sync sincronizar sincroniza | settings ajustes | setting ajuste
    configure configurar | setup configurar | window ventana | button botón | picture imagen
    image imagen | photo foto | video vídeo | language idioma | time hora | date fecha | name nombre
    address dirección | number número | group grupo | list lista | form formulario | table tabla
    spreadsheet hoja | document documento | presentation presentación | database base | server servidor
    user usuario | guest invitado | visitor visita | parking aparcamiento | training formación
    course curso | contract contrato | travel viaje | order pedido | delivery entrega envío
    package paquete | return devolución | refund reembolso | payment pago | pay pagar | price precio
    bill factura | customer cliente
"""


class Translations:
    """For a word its translations, whichever of the two languages it is in."""

    def __init__(self) -> None:
        self._stem = Stems().stem
        self._others: dict[str, list[str]] = {}
        for pair in _PAIRS.replace("\n", "|").split("|"):
            english, *spanish = fold(pair).split() or [""]
            for word in spanish:
                self._put("en", english, word)
                self._put("es", word, english)

    def across(self, word: str, knows: Callable[[str], bool]) -> str | None:
        """The first translation of a word that the content knows."""
        for language in ("es", "en"):
            for other in self._others.get(f"{language}:{self._stem(word, language)}", ()):
                if other != word and knows(other):
                    return other
        return None

    def _put(self, language: str, word: str, other: str) -> None:
        self._others.setdefault(f"{language}:{self._stem(word, language)}", []).append(other)
