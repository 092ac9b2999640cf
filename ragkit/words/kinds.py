"""The words in which a document as a whole is asked about, in English and German, French, Spanish and Italian."""

from __future__ import annotations

TABLES = {
    "": """
    document: document documents paper report book pdf file text article manual guide contract agreement lease brochure
        handbook booklet leaflet thesis study essay presentation slides minutes letter menu it this
        dokument papier bericht buch datei protokoll artikel handbuch anleitung vertrag broschüre
        aufsatz arbeit brief speisekarte satzung es dies dieses dieser diesem diesen hier;
    asking: please pls tell me us give show list name write make can could many much number say says said state states
        need want know whole entire full exact short brief briefly quick quickly words sentences few here was were s
        wer wie viele wieviele wann welche welcher welches bitte mir uns nenne nennen zeige gib kurz ganze ganzen hat
        anzahl whats one two three five ten bullet bullets line lines sentence stichpunkten sätzen there thanks thx
        danke worden lautet lauten happened discussed decided attended
        missing absent meeting sitzung teilgenommen gefehlt want passiert besprochen beschlossen;
    place: say says regulate regulates provide provides require requires mean means quote read explain steht sagt
        regelt geregelt under unter agenda tagesordnung abgestimmt voted agreed;
    pages: pages seiten seitenzahl long lang / have has contain contains;
    outline: sections chapters clauses articles headings contents outline structure structured organised
        organized toc kapitel abschnitte klauseln paragraphen paragrafen gliederung inhaltsverzeichnis
        überschriften anlagen anhänge annexes appendices schedules aufbau aufgebaut gegliedert
        items tagesordnungspunkte tops parts teile / agenda gab table titles
        names title have contain main there top-level headings all every each alle jede;
    captions: tables figures tabellen abbildungen / captions there have has all gab sind das every each alle jede;
    meetings: meetings sessions sitzungen versammlungen protokolle treffen / held had took place all gab sind das
        every each alle jede;
    chair: chaired presided chair chairman chairwoman chairperson geleitet leitete sitzungsleiter sitzungsleitung
        vorsitz vorsitzende vorsitzender / session over led;
    minutes: took taken kept wrote written taker recorded geführt führte geschrieben verfasst protokolliert
        protokollführer protokollführerin schriftführer / minute session;
    present: present attended attendees attendance participants anwesend anwesende anwesenden teilgenommen teilnehmer
        teilnehmerinnen dabei / people persons members session took part all every each alle jede;
    absent: absent missing excused apologies entschuldigt gefehlt fehlte abwesend / people members session sent gave
        all every each alle jede;
    held: meeting session sitzung versammlung / held take took taken place day date fand statt stattgefunden tag;
    decisions: decided resolutions decisions beschlossen beschlüsse entscheidungen entschieden / taken made passed
        reached adopted board council committee gefasst getroffen session all every each alle jede;
    signing: signed signing sign unterschrieben unterschrift unterzeichnet unterzeichnung / date day agreed he she
        they;
    date: date dated published issued written wrote created made publication datum veröffentlicht erschienen erstellt
        year / when version released last revised updated geschrieben jahr;
    author: author authors wrote written writer writers made compiled prepared edited editor publisher presenter
        presenters speaker speakers presented approved edits writes autor
        autoren autorin verfasser verfasst geschrieben signed signatories unterschrieben unterzeichnet /
        names schrieb all every each alle jede;
    opening: parties addressed addressee recipient sender vertragsparteien vertragspartner parteien empfänger absender
        gerichtet adressiert / contracting party between;
    language: language translate translated translation english german french spanish italian sprache übersetze
        übersetzen deutsch englisch französisch spanisch italienisch / into auf;
    title: title titled called name titel heißt heisst named /;
    overview: summarize summarise summary summarized overview about gist points ideas idea topic topics
        subject theme themes takeaways tldr tl recap message covers cover discusses discuss zusammen
        zusammenfassung zusammenfassen überblick worum ging handelt wovon punkte aussagen themen thema inhalt /
        main key central most important all deal deals with content fasse fass geht inhaltlich wichtigsten
        wichtigste wesentlichen sum up dr regelt;
    nothing: thanks thank thx ty cheers ok okay cool great nice perfect bye hi hello hey danke hallo tschüss super
        merci bonjour gracias hola grazie ciao / good morning very well guten tag tausend vielen mille muchas beaucoup
    """,
    "french": """
    document: document pdf fichier texte rapport livre article manuel guide notice contrat bail accord brochure mémoire
        thèse étude lettre courrier compte rendu carte menu ça cela ceci ici;
    asking: a t moi dis dites liste énumère donne donnez montre indique peux pouvez bref brève brièvement court
        courte mots phrases quelques entier svp stp plaît merci nombre exact passé discuté décidé;
    place: dit prévoit stipule contient précise lis cite explique énonce écrit ordre jour;
    pages: pages / contient compte fait;
    outline: sections chapitres clauses articles titres sommaire plan structure table matières annexes jour
        / parties points ordre contient compte fait structuré principales principaux tous toutes;
    captions: tableaux figures / tous toutes contient compte;
    meetings: réunions séances assemblées / lieu eu tous toutes;
    chair: présidé présidait président présidente / séance réunion;
    minutes: rédigé secrétaire pris / séance réunion verbal procès;
    present: présent présents présente présentes présence assisté participants / séance réunion membres liste tous
        toutes;
    absent: absent absents absente absentes excusé excusés / séance réunion membres liste tous toutes;
    held: séance réunion assemblée / eu lieu tenue date jour;
    decisions: décidé décisions résolutions / prises prise adoptées conseil séance réunion tous toutes;
    signing: signé signée signature / date;
    date: date daté datée publié publiée paru parue écrit écrite rédigé rédigée signé signée année / version;
    author: auteur auteure auteurs autrice écrit écrite rédigé rédigée signé signée signataires / nom noms tous toutes;
    opening: parties destinataire expéditeur adressée adressé / contractantes;
    language: langue traduis traduire traduit français anglais / ;
    title: titre intitulé appelle / nom;
    overview: résume résumer résumez résumé parle parlent agit traite aperçu synthèse sujet thème thèmes points
        idées / principal principaux principale principales importants importantes grandes grands dit fais faire
    """,
    "spanish": """
    document: documento pdf archivo fichero texto informe libro artículo manual guía contrato acuerdo folleto tesis
        estudio carta acta aquí;
    asking: dime di da dame lista enumera muestra muéstrame indica puedes podrías breve brevemente corto corta
        palabras frases pocas entero completo favor gracias número exacto ha sido fue pasó decidió discutió;
    place: dice dicen establece prevé estipula contiene pone lee cita explica indica escrito orden día;
    pages: páginas / contiene;
    outline: secciones capítulos cláusulas artículos apartados anexos títulos índice estructura esquema /
        partes contiene principales estructurado todos todas;
    captions: tablas figuras / todas contiene todos;
    meetings: reuniones sesiones actas juntas / hubo todos todas;
    chair: presidió presidente presidenta / reunión sesión junta;
    minutes: redactó redactado levantó secretario secretaria / reunión sesión;
    present: asistió asistieron asistentes presente presentes / reunión sesión junta estuvo estuvieron miembros lista
        todos todas;
    absent: faltó faltaron ausente ausentes / reunión sesión junta miembros todos todas;
    held: reunión sesión junta / celebró celebrada lugar fecha;
    decisions: decidió acordó acuerdos decisiones / tomaron tomados tomadas adoptaron reunión sesión junta todos todas;
    signing: firmó firmado firmada firma / fecha;
    date: fecha fechado publicó publicado publicada escrito escribió redactado redactó firmado firmó año / versión;
    author: autor autora autores escribió escrito redactó redactado firmó firmado firmantes / nombre todos todas;
    opening: partes destinatario remitente / contratantes;
    language: idioma lengua traduce traducir español inglés / ;
    title: título titula llama / nombre;
    overview: resume resumir resumen resúmeme resúmelo trata tratan habla va síntesis tema temas
        puntos ideas / principal principales importantes general clave haz hazme hacer dice
    """,
    "italian": """
    document: documento pdf file testo rapporto relazione libro articolo manuale guida contratto accordo opuscolo tesi
        studio lettera verbale qui;
    asking: dimmi dammi elenca mostra mostrami indica puoi potresti breve brevemente corto corta parole frasi poche
        intero completo favore grazie numero esatto stato stata successo deciso discusso;
    place: dice dicono prevede stabilisce contiene leggi cita spiega scritto ordine giorno;
    pages: pagine / contiene;
    outline: sezioni capitoli clausole articoli paragrafi allegati titoli indice sommario struttura / parti contiene
        principali strutturato tutti tutte;
    captions: tabelle figure / tutte contiene tutti;
    meetings: riunioni sedute assemblee verbali / state tutti tutte;
    chair: presieduto presidente / riunione seduta assemblea;
    minutes: redatto verbalizzato segretario segretaria / riunione seduta;
    present: presente presenti partecipato partecipanti / riunione seduta assemblea elenco era erano tutti tutte;
    absent: assente assenti / riunione seduta assemblea era erano tutti tutte;
    held: riunione seduta assemblea / tenuta tenne luogo data svolta;
    decisions: deciso decisioni deliberato / prese riunione seduta assemblea tutti tutte;
    signing: firmato firmata firma / data;
    date: data datato pubblicato pubblicata scritto scritta redatto redatta firmato firmata anno / versione;
    author: autore autrice autori scritto scritta scrisse redatto redatta firmato firmata / nome tutti tutte;
    opening: parti destinatario mittente / contraenti;
    language: lingua traduci tradurre italiano inglese / ;
    title: titolo intitola intitolato chiama / nome;
    overview: riassumi riassumere riassunto riassumimi riassumilo parla parlano tratta sintesi sintetizza panoramica
        tema temi argomento argomenti punti idee / principale principali importanti generale chiave fai fammi dice
    """,
}
"""Of each language the words that stand for a document, that ask, and that ask for a place; then of each kind words of
which one must be there, and words that may be."""

LOOSELY = frozenset(
    """
    claim form application invoice policy offer quotation newsletter notice statement antrag formular angebot rechnung
    bescheid rundbrief demande formulaire devis facture solicitud formulario presupuesto factura domanda modulo offerta
    preventivo fattura
    """.split()  # noqa: SIM905
)
"""Words that stand for a document only beside one of a kind: the summary of the claim."""
