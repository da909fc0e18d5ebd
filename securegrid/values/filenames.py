"""File names, and how ``evil.exe`` and ``foo.zip`` are told from host names."""

import re
import unicodedata
from typing import Final

from securegrid.values.model import Kind, Reject, Value
from securegrid.values.refang import refang_dots

_EXTENSIONS: Final = (
    # programs and libraries
    "exe dll sys scr ocx drv cpl efi pif msi msp mst msix appx bat cmd ps1 psm1 psd1 vbs vbe vb js "
    "jse ts wsf wsh wsc hta sct jar class war ear jnlp apk aab ipa dex dmg pkg deb rpm elf dylib "
    "ko axf mui tlb nls pdb sfx wasm crx xpi node cgi swf xap "
    # pages and sources
    "php php3 php5 phtml asp aspx ashx asmx jsp jspx cfm htm html mht mhtml xhtml css cs c cpp h "
    "hpp go swift lua rb ipynb sql au3 ahk "
    # documents
    "doc docx docm dotx dotm xls xlsx xlsm xlsb xlt xltm xlam xll ppt pptx pptm pps ppsx ppam pdf "
    "rtf odt ods odp wps hwp hwpx jtd jtdc mdb accdb chm hlp xps epub vsd vsdx eml msg pst ost oft "
    "ics vcf csv tsv txt log xml json yml yaml svg wll "
    # archives and images of disks
    "7z rar tar gz tgz bz2 xz txz lzh lha lzma zst ace arj cpio iso img vhd vhdx vmdk ova udf wim "
    # configuration, shortcuts, data
    "lnk url library-ms settingcontent-ms theme desktop service plist ini inf cfg conf config reg "
    "pol job dat bin tmp temp bak old db db3 sqlite cache dmp evtx evt etl pcap pcapng key "
    "pem crt cer der p12 pfx jks ovpn rdp "
    # pictures, sound, fonts
    "png jpg jpeg jpe gif bmp ico cur tif tiff webp psd mp3 mp4 wav avi wmv mkv m4a flac ttf otf "
    "woff woff2 eot"
)
FILE_EXTENSIONS: Final = frozenset(_EXTENSIONS.split())
"""Extensions that are no top-level domain: the name is a file name."""

FILE_RATHER_THAN_DOMAIN: Final = frozenset({"zip", "mov", "sh", "py", "md", "cab", "java", "data"})
"""Extensions that are also top-level domains: a file name when there is just one dot in it."""

WELL_KNOWN_HOSTS: Final = frozenset(
    {"transfer.sh", "get.sh", "bashupload.sh", "haste.sh", "point.md", "999.md", "git.md"}
)
"""Hosts that the rule above would take for files."""

_FOLDER: Final = re.compile(
    r"[A-Za-z]:[\\/]|%[A-Za-z_()0-9]+%[\\/]|\\\\[^\\]+\\|\$env:|~/|\.{1,2}[\\/]"
    r"|/(?:bin|boot|dev|etc|home|Library|lib|mnt|opt|private|proc|root|run|sbin|srv|sys|system"
    r"|tmp|Users|usr|var|Applications|data|sdcard)/"
)
_NOT_IN_PATHS: Final = frozenset('"<>|=?*')
_MAX_NAME: Final = 1_024
_UNSETTLED: Final = 3


def filename_value(text: str) -> Value | Reject:
    """Any text as a file name, in lower case: Windows and MISP compare it so.

    A path stays a path: what an attribute holds is compared as a whole.
    """
    name = _settled(text)
    if not name or len(name) > _MAX_NAME:
        return Reject.TOO_LONG if name else Reject.EMPTY
    return Value(Kind.FILENAME, name, (name,))


def looks_like_path(text: str) -> bool:
    """Whether ``text`` begins like a path on a disk or share, or is one by its last part."""
    if _FOLDER.match(text):
        return True
    folder, separator, name = text.rpartition("\\")
    if not separator or not folder or extension(name) not in FILE_EXTENSIONS:
        return False
    return _NOT_IN_PATHS.isdisjoint(folder)


def is_filename(name: str) -> bool:
    """The table for a name without folder: file name, or else perhaps a host."""
    last = extension(name)
    if last in FILE_EXTENSIONS:
        return True
    one_dot = name.count(".") == 1
    return one_dot and last in FILE_RATHER_THAN_DOMAIN and name.lower() not in WELL_KNOWN_HOSTS


def extension(name: str) -> str:
    """What follows the last dot, in lower case; empty when nothing stands before the dot."""
    before, _, last = name.rpartition(".")
    return last.lower() if before else ""


def _settled(text: str) -> str:
    """NFKC in lower case; repeated, as each step may make work for the one before."""
    for _ in range(_UNSETTLED):
        plain = unicodedata.normalize("NFKC", refang_dots(text).lower()).strip().strip('"')
        if plain == text:
            break
        text = plain
    return text
