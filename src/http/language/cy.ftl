# Yr hyn y mae cefnogwyr yn ei ddarllen, yn Gymraeg. / What supporters read, in Welsh.
# Ffurfiol (chi). Termau CThEF lle mae rhai: Rhodd Cymorth, Debyd Uniongyrchol, cod didoli. / HMRC's terms where it has any.

language-name = Cymraeg

### Pob tudalen

skip = Neidio i'r cynnwys
languages = Ieithoedd
languages-keep = Y ffurflen hon mewn iaith arall, gan gadw popeth rydych wedi'i deipio:
languages-here = Y dudalen hon mewn iaith arall, lle bydd angen teipio manylion eich cerdyn neu eich cyfrif eto:
questions = Cwestiynau?
privacy-notice = Hysbysiad preifatrwydd
step-details = Cam 1 o 2: eich manylion
step-payment = Cam 2 o 2: talu
title-again = Eto? { $title }
title-wait = Arhoswch. { $title }
title-error = Gwall: { $title }
back-to = Yn ôl i wefan { $charity }
default-donate-title = Rhoi rhodd
default-join-title = Dod yn aelod

### Y ffurflen: beth a roddir

gift = Eich rhodd
membership = Eich aelodaeth
member-already = Eisoes yn aelod?
member-manage = Gweld neu newid eich aelodaeth
how-much = Faint hoffech chi ei roi?
another-amount = Swm arall
another-amount-in = Swm arall ({ $currency })
currency =
    { $code ->
        [GBP] punnoedd sterling
        [EUR] ewros
        [USD] doleri'r Unol Daleithiau
       *[other] { $name }
    }
amount-limits = O { $least } hyd at { $most }
how-often = Pa mor aml?
often-once = Unwaith
often-monthly = Bob mis
often-quarterly = Bob tri mis
often-half-yearly = Bob chwe mis
often-yearly = Bob blwyddyn
each-once = unwaith
each-monthly = bob mis
each-quarterly = bob tri mis
each-half-yearly = bob chwe mis
each-yearly = bob blwyddyn
which-membership = Pa aelodaeth?
how-to-pay = Sut hoffech chi dalu?
card = Cerdyn
card-kinds = Cerdyn debyd neu gredyd
direct-debit = Debyd Uniongyrchol
direct-debit-gifts = Ar gyfer rhoddion rheolaidd, o'ch cyfrif banc
direct-debit-account = O'ch cyfrif banc
how-both-here = Byddwch yn rhoi manylion eich cerdyn neu eich cyfrif banc ar y dudalen nesaf, ac yn cadarnhau yno.
how-card-here = Byddwch yn rhoi manylion eich cerdyn ar y dudalen nesaf, a manylion eich cyfrif banc ar dudalen { $processor }.
how-debit-here = Byddwch yn rhoi manylion eich cerdyn ar dudalen { $processor }, a manylion eich cyfrif banc ar y dudalen nesaf.
how-single-there = Rhodd unigol â cherdyn, ar dudalen { $processor }; rhodd reolaidd drwy Ddebyd Uniongyrchol, i'w chadarnhau ar y dudalen nesaf.
how-each-there = Rhodd unigol â cherdyn, rhodd reolaidd drwy Ddebyd Uniongyrchol; y naill a'r llall ar y dudalen nesaf, sef tudalen { $processor }.
how-both-there = Byddwch yn rhoi manylion eich cerdyn neu eich cyfrif banc ar y dudalen nesaf, sef tudalen { $processor }.

### Y ffurflen: pwy sy'n rhoi

details = Eich manylion
title = Teitl
choose = Dewiswch
title-mr = Mr
title-mrs = Mrs
title-miss = Miss
title-ms = Ms
title-mx = Mx
title-dr = Dr
title-prof = Yr Athro
title-rev = Y Parch.
title-sir = Syr
title-dame = Y Fonesig
title-lady = Yr Arglwyddes
title-lord = Yr Arglwydd
first-name = Enw cyntaf
last-name = Cyfenw
email = Cyfeiriad e-bost
email-hint = Ar gyfer negeseuon am eich taliad
phone = Rhif ffôn
address = Eich cyfeiriad
line1 = Llinell cyfeiriad 1
line2 = Llinell cyfeiriad 2
line3 = Llinell cyfeiriad 3
town = Tref neu ddinas
county = Sir
postcode = Cod post
country = Gwlad
optional = (dewisol)

### Y ffurflen: Rhodd Cymorth, a'i diwedd

gift-aid = Rhodd Cymorth
gift-aid-worth = Os ydych yn talu treth yn y DU, mae Rhodd Cymorth yn ychwanegu 25c at bob £1 a roddwch, heb unrhyw gost i chi.
gift-aid-yes = Ie, hawliwch Rodd Cymorth
happens = Beth sy'n digwydd i'ch manylion
happens-how = Anfonir eich enw, eich cyfeiriad a'ch manylion cyswllt ymlaen at { $processor } er mwyn gallu gwneud eich taliad. Nid ydynt yn cael eu cadw yma. Rydym yn cadw'r swm, y dyddiad ac a lwyddodd y taliad ai peidio.
read-privacy = Darllenwch ein hysbysiad preifatrwydd
continue = Ymlaen i dalu'n ddiogel
next-both-here = Nesaf: tudalen i wirio a chadarnhau popeth. Ni chymerir dim cyn i chi gadarnhau yno.
next-card-here = Nesaf: os ydych yn talu â cherdyn, tudalen i wirio a chadarnhau'r taliad; os ydych yn talu drwy Ddebyd Uniongyrchol, tudalen dalu { $processor }. Ni chymerir dim cyn i chi gadarnhau yno.
next-debit-here = Nesaf: os ydych yn talu â cherdyn, tudalen dalu { $processor }; os ydych yn talu drwy Ddebyd Uniongyrchol, tudalen i wirio a chadarnhau'r cyfarwyddyd. Ni chymerir dim cyn i chi gadarnhau yno.
next-both-there = Nesaf: tudalen dalu { $processor }. Ni chymerir dim cyn i chi gadarnhau yno.

### Y ffurflen eto

problem = Mae problem wedi codi
please-wait = Arhoswch, os gwelwch yn dda
error = Gwall:
see-first = Gweld beth ddigwyddodd i'r taliad cyntaf
sent-before = Os ydych wedi'i hanfon o'r blaen:
see-that = gweld beth ddigwyddodd
prompt-too-quick = Roedd hynny'n gyflym iawn. Gwiriwch eich manylion ac anfonwch y ffurflen eto.
prompt-too-late = Bu'r dudalen hon ar agor am amser hir. Gwiriwch eich manylion ac anfonwch y ffurflen eto.
prompt-changed = Mae'r hyn y gellir ei ddewis yma wedi newid ers i chi agor y dudalen hon. Gwiriwch eich manylion ac anfonwch y ffurflen eto.
prompt-too-often = Daeth gormod o geisiadau o'ch rhwydwaith, ac nid anfonwyd dim y tro hwn. Arhoswch funud ac anfonwch y dudalen hon eto: dim ond un taliad a wneir, ni waeth sawl gwaith y byddwch yn ei hanfon.
prompt-paused = Ni dderbynnir taliadau â cherdyn am rai munudau. Nid anfonwyd dim ac ni chodwyd tâl y tro hwn. Arhoswch ychydig ac anfonwch y dudalen hon eto: dim ond un taliad a wneir, ni waeth sawl gwaith y byddwch yn ei hanfon.
prompt-not-now = Ni allwn dderbyn hyn ar hyn o bryd, ac nid anfonwyd dim y tro hwn. Arhoswch funud ac anfonwch y dudalen hon eto: dim ond un taliad a wneir, ni waeth sawl gwaith y byddwch yn ei hanfon.
prompt-not-ours = Ni allem fod yn siŵr mai ein ffurflen ni yw hon. Gwiriwch eich manylion ac anfonwch hi eto o'r fan hon.
prompt-used-before = Rydych wedi anfon y ffurflen hon o'r blaen gyda dewisiadau eraill. Os hoffech wneud taliad arall, gwiriwch hi ac anfonwch hi eto.
prompt-given = Os troesoch yn ôl cyn talu, ni chymerwyd dim y tro hwnnw: ewch ymlaen.
given-ago =
    { $minutes ->
        [0] Rhoesoch rodd lai na munud yn ôl.
        [one] Rhoesoch rodd 1 munud yn ôl.
        [two] Rhoesoch rodd 2 funud yn ôl.
       *[other] Rhoesoch rodd { $minutes } munud yn ôl.
    }
joined-ago =
    { $minutes ->
        [0] Daethoch yn aelod lai na munud yn ôl.
        [one] Daethoch yn aelod 1 munud yn ôl.
        [two] Daethoch yn aelod 2 funud yn ôl.
       *[other] Daethoch yn aelod { $minutes } munud yn ôl.
    }
want-give-again = Ydych chi am roi eto?
want-give-too = Ydych chi am roi rhodd hefyd?
want-join-again = Ydych chi am ymaelodi eto?
want-join-too = Ydych chi am ymaelodi hefyd?
give-again = Rhoi eto
give-too = Rhoi rhodd hefyd
join-again = Ymaelodi eto
join-too = Ymaelodi hefyd
no-back-to = Na, yn ôl i wefan { $charity }

### Y dudalen sy'n trosglwyddo

handing = Mynd â chi i dudalen { $processor }
handing-how = Gwneir eich taliad ar dudalen ddiogel { $processor }, sy'n trin taliadau ar ran { $charity }.
handing-continue = Ymlaen i dudalen { $processor }
handing-press = Os na fydd dim yn digwydd ohono'i hun, pwyswch y botwm.

### Yr ail dudalen, ar gyfer popeth y telir amdano yma

for = Ar gyfer
for-donation = Rhodd i { $charity }
for-membership = Aelodaeth o { $charity }: { $plan }
amount = Swm
yes = Ie
your-name = Eich enw
your-email = Eich cyfeiriad e-bost
change = Newid rhywbeth

### Ail dudalen Debyd Uniongyrchol

debit = Gwirio a chadarnhau eich Debyd Uniongyrchol
debit-wrong = Gwirio eich Debyd Uniongyrchol
debit-terms = Yr hyn rydych yn ei drefnu
first-collection = Casgliad cyntaf
on-statement = Ar eich cyfriflen banc
service-user-number = Rhif defnyddiwr gwasanaeth
advance-notice =
    { $days ->
        [one] Cewch wybod y swm a'r dyddiad o leiaf 1 diwrnod gwaith cyn y casgliad cyntaf, ac ymlaen llaw am unrhyw newid.
        [two] Cewch wybod y swm a'r dyddiad o leiaf 2 ddiwrnod gwaith cyn y casgliad cyntaf, ac ymlaen llaw am unrhyw newid.
       *[other] Cewch wybod y swm a'r dyddiad o leiaf { $days } diwrnod gwaith cyn y casgliad cyntaf, ac ymlaen llaw am unrhyw newid.
    }
account = Eich cyfrif banc neu gymdeithas adeiladu
account-name = Yr enw sydd ar y cyfrif
sort-code = Cod didoli
sort-code-hint = Chwe digid, fel 30-94-30
account-number = Rhif y cyfrif
account-number-hint = Rhwng chwech ac wyth digid
account-holder = Fy nghyfrif i yw hwn
account-holder-alone = Fi yw deiliad y cyfrif, a'm hawdurdod i yn unig sydd ei angen i drefnu Debydau Uniongyrchol ohono. Os oes rhaid i fwy nag un person lofnodi, cysylltwch â ni yn lle hynny.
guarantee = Y Warant Debyd Uniongyrchol
guarantee-as-given = Y banciau sy'n pennu geiriad y Warant, ac nid yw'r geiriad swyddogol Cymraeg gennym. Dyma'r geiriad swyddogol yn Saesneg:
debit-confirm = Trefnu'r Debyd Uniongyrchol hwn
debit-passed-on = Anfonir manylion eich cyfrif banc ymlaen at { $processor }, sy'n casglu ar ran { $charity }. Nid ydynt yn cael eu cadw yma.
date = { $weekday ->
        [1] Dydd Llun
        [2] Dydd Mawrth
        [3] Dydd Mercher
        [4] Dydd Iau
        [5] Dydd Gwener
        [6] Dydd Sadwrn
       *[7] Dydd Sul
    } { $day } { $month ->
        [1] Ionawr
        [2] Chwefror
        [3] Mawrth
        [4] Ebrill
        [5] Mai
        [6] Mehefin
        [7] Gorffennaf
        [8] Awst
        [9] Medi
        [10] Hydref
        [11] Tachwedd
       *[12] Rhagfyr
    } { $year }

### Ail dudalen taliad â cherdyn

paying = Gwirio a thalu â cherdyn
paying-what = Yr hyn rydych yn talu amdano
now-then = nawr, ac yna { $often }
your-card = Eich cerdyn
card-number = Rhif y cerdyn
card-number-hint = Y rhif hir ar y blaen
card-expiry = Dyddiad dod i ben
card-expiry-hint = Mis a blwyddyn, fel 09/29
card-cvc = Cod diogelwch
card-cvc-hint = Y 3 digid olaf ar y cefn; y 4 ar flaen cerdyn American Express
card-holder = Yr enw sydd ar y cerdyn
pay = Talu { $amount }
pay-once = Pwyswch unwaith, ac arhoswch: gall gymryd hanner munud. Efallai y bydd eich banc yn gofyn i chi gadarnhau ar ei dudalen ei hun. Anfonir manylion eich cerdyn ymlaen at { $processor }, sy'n derbyn taliadau ar ran { $charity }. Nid ydynt yn cael eu cadw yma.

### Y dudalen sy'n dweud beth a ddigwyddodd

your-reference = Eich cyfeirnod:
check-now = Gwirio eto nawr
looks-again = Mae'r dudalen hon yn edrych eto ohoni ei hun. Gallwch ei chau hefyd: nodir y canlyniad beth bynnag.
try-again = Rhoi cynnig arall arni
received = Diolch
received-donation-card = Mae eich rhodd wedi dod i law.
received-donation-debit = Mae eich cyfarwyddyd Debyd Uniongyrchol wedi dod i law.
received-membership-card = Croeso! Mae eich taliad wedi dod i law ac rydych yn aelod.
received-membership-debit = Croeso! Mae eich cyfarwyddyd Debyd Uniongyrchol wedi dod i law ac rydych yn aelod.
grateful = Mae { $charity } yn ddiolchgar am eich cefnogaeth.
not-taken-card = Ni chymerwyd eich taliad
not-taken-debit = Ni threfnwyd eich Debyd Uniongyrchol
nothing-taken-card = Ni chymerwyd dim arian.
nothing-taken-debit = Ni chymerir dim o'ch cyfrif.
as-far-as-known = Hyd y gŵyr { $processor }: { $lead }
declined-card = Fe'i gwrthodwyd gan { $processor } neu gan eich banc.
declined-debit = Ni dderbyniodd { $processor } y manylion hyn.
look-again-card = Gallwch roi cynnig arall arni: edrychwch yn ofalus ar y rhif, y dyddiad a'r cod diogelwch, a chadarnhewch os bydd eich banc yn gofyn, neu defnyddiwch gerdyn arall.
look-again-debit = Gallwch roi cynnig arall arni: edrychwch yn ofalus ar fanylion y cyfrif, neu defnyddiwch gyfrif arall.
cancelled = Fe'i canslwyd cyn ei orffen. Gallwch roi cynnig arall arni.
unfinished = Ni chafodd ei orffen.
unfinished-unreachable = Nid oedd modd cyrraedd { $processor }, ac nid anfonwyd dim.
unfinished-ours = Aeth rhywbeth o'i le ar ein hochr ni, ac nid anfonwyd dim at { $processor }.
unfinished-refused = Dywedodd { $processor } na allai ei dderbyn, ac ni wnaeth ddim ag ef.
unfinished-unknown = Mae { $processor } wedi dweud wrthym na ddaeth i law. Os daw i law yno wedi'r cwbl, bydd y dudalen hon yn dweud hynny.
again-in-minutes = Gallwch roi cynnig arall arni ymhen ychydig funudau.
told-us = Dyma a ddywedodd { $processor } wrthym: { $why } { $perhaps }
told-declined = Fe'i gwrthodwyd.
told-cancelled = Fe'i canslwyd.
told-late = Ni chafodd ei orffen mewn pryd.
perhaps-card = Gallwch roi cynnig arall arni, efallai â cherdyn arall.
perhaps-debit = Gallwch roi cynnig arall arni, efallai â chyfrif arall.
just-tried = Os ydych newydd roi cynnig arall arni, arhoswch eiliad: mae'r dudalen hon yn edrych eto ohoni ei hun.
unconfirmed-card = Mae eich taliad yn dal i gael ei gadarnhau
unconfirmed-debit = Mae eich Debyd Uniongyrchol yn dal i gael ei gadarnhau
checking-card = Rydym yn gwirio. Peidiwch â thalu eto.
checking-debit = Rydym yn gwirio. Peidiwch â'i drefnu eto.
checking-how = Nid ydym wedi clywed gan { $processor } eto beth a ddigwyddodd. Rydym yn gofyn dro ar ôl tro, o fewn eiliadau i ddechrau ac yna unwaith y dydd, nes bod y mater wedi'i setlo. Ni chaiff byth ei anfon ddwywaith.
waiting = Rydym yn aros i { $processor } ddweud y canlyniad wrthym.
repeat-card = Peidiwch â thalu eto, os gwelwch yn dda.
repeat-debit = Peidiwch â'i drefnu eto, os gwelwch yn dda.
disputed-card = Mae eich taliad yn cael ei wirio
disputed-debit = Mae eich Debyd Uniongyrchol yn cael ei wirio
disputed-how = Nid yw'r pethau a ddywedodd { $processor } wrthym amdano yn cyd-fynd â'i gilydd, felly ni allwn ddweud beth a ddigwyddodd. Mae wedi'i nodi er mwyn i rywun edrych arno.
disputed-ask = Os hoffech wybod mwy, gofynnwch i ni a rhowch eich cyfeirnod:
not-noted = Nid oes dim wedi cyrraedd eto
not-noted-wait = Os ydych newydd anfon y ffurflen, arhoswch: mae'r dudalen hon yn edrych eto ohoni ei hun bob ychydig eiliadau.
not-noted-send = Os yw'n dal i ddweud hynny ar ôl dwy funud, ewch yn ôl i'r ffurflen ac anfonwch hi eto: dim ond un taliad a wneir am yr un ffurflen, ni waeth sawl gwaith y caiff ei hanfon.
remark-used-before = Os dywedodd y dudalen dalu fod y taliad hwn wedi'i wneud neu wedi'i ddechrau o'r blaen: ni ellir defnyddio'r ymgais honno eto, ac mae'r dudalen hon yn dweud beth a ddigwyddodd iddi.
remark-contact = Os na dderbyniodd y dudalen dalu eich manylion: dechreuwch eto ac edrychwch yn ofalus ar eich enw, eich cyfeiriad a'ch cyfeiriad e-bost.
remark-given-up = Os troesoch yn ôl ar y dudalen dalu, ni chymerir dim am yr ymgais honno. Gallwch ddechrau eto pryd bynnag y mynnwch.

### Beth sydd o'i le ar faes

advice-shorten = Gwnewch hyn yn fyrrach
advice-one-line = Rhowch hyn ar un llinell, heb nodau rheoli
advice-no-tabs = Rhowch hyn ar un llinell, heb dabiau
advice-invisible = Teipiwch hyn eto: mae'n cynnwys nodau anweladwy
advice-title = Dewiswch eich teitl
advice-title-list = Dewiswch deitl o'r rhestr
advice-first-name = Rhowch eich enw cyntaf
advice-last-name = Rhowch eich cyfenw
advice-email = Rhowch eich cyfeiriad e-bost
advice-email-format = Rhowch gyfeiriad e-bost yn y fformat cywir, fel enw@enghraifft.com
advice-email-plain = Rhowch gyfeiriad e-bost arall: un heb + nac arwyddion eraill, 50 nod ar y mwyaf
advice-email-accents = Rhowch gyfeiriad e-bost heb acenion, fel enw@enghraifft.com
advice-email-refused = Rhowch gyfeiriad e-bost arall: ni dderbyniwyd hwn
advice-phone = Rhowch rif ffôn, fel 01632 960 001 neu +44 808 157 0192
advice-phone-plain = Rhowch rif ffôn, fel 01632 960 001
advice-line1 = Rhowch linell gyntaf eich cyfeiriad
advice-town = Rhowch eich tref neu ddinas
advice-postcode = Rhowch eich cod post
advice-postcode-format = Rhowch god post, fel SW1A 1AA
advice-postcode-uk = Nid cod post yn y DU yw hwn: rhowch y cyfan ohono, fel SW1A 1AA, neu dewiswch wlad arall
advice-postcode-long = Rhowch god post o 5 i 10 llythyren a ffigur, fel SW1A 1AA
advice-address-refused = Gwiriwch eich cyfeiriad a'ch cod post: ni dderbyniwyd nhw
advice-country = Dewiswch eich gwlad
advice-country-list = Dewiswch wlad o'r rhestr
advice-names = Defnyddiwch lythrennau, cysylltnodau a chollnodau yn unig, 40 ar y mwyaf, er enghraifft Mary-Ann
advice-lines = Defnyddiwch lythrennau, ffigurau, bylchau a . , : ' - _ @ $ yn unig, o leiaf 2 a 100 ar y mwyaf
advice-places = Defnyddiwch lythrennau, ffigurau, bylchau a . , ' - yn unig, 40 ar y mwyaf
advice-latin = Ysgrifennwch hyn mewn llythrennau Lladin
advice-words = Defnyddiwch lythrennau, digidau ac atalnodau cyffredin
advice-account-letters = Defnyddiwch lythrennau, digidau, bylchau a . & / - yn unig
advice-reference-letters = Defnyddiwch lythrennau, digidau a . _ / - yn unig
advice-spaced-letters = Defnyddiwch lythrennau, digidau, bylchau a . _ / - yn unig
advice-digits = Rhowch ddigidau yn unig
advice-needed = Llenwch hyn: mae ei angen i brosesu'r taliad
advice-refused = Gwiriwch hyn: ni dderbyniwyd ef fel yr oedd
advice-amount = Dewiswch swm
advice-amount-figures = Rhowch swm mewn ffigurau, er enghraifft 10 neu 12.50
advice-amount-other = Rhowch y swm yr hoffech ei roi
advice-amount-two = Cliriwch hwn, neu dewiswch Swm arall: mae dau swm gwahanol wedi'u rhoi
advice-amount-larger = Dewiswch swm mwy: mae hwn yn llai nag y gellir ei dderbyn
advice-amount-smaller = Dewiswch swm llai, neu cysylltwch â ni am rodd mor fawr â hon
advice-amount-most = Rhowch swm o 999999.99 ar y mwyaf
advice-currency = Defnyddiwch arian cyfred a gynigir yma
advice-currency-pounds = Dewiswch bunnoedd: mewn punnoedd yn unig y mae Debydau Uniongyrchol
advice-frequency = Dewiswch pa mor aml i roi
advice-frequency-regular = Dewiswch bob mis, bob tri mis, bob chwe mis neu bob blwyddyn
advice-plan = Dewiswch aelodaeth
advice-plan-list = Dewiswch aelodaeth o'r rhestr
advice-plan-join = Ar gyfer ymaelodi y mae cynllun: gadewch ef allan, neu ymaelodwch
advice-method = Dewiswch sut i dalu
advice-method-other = Dewiswch ffordd arall o dalu
advice-method-regular = Ar gyfer rhoddion rheolaidd y mae Debyd Uniongyrchol: dewiswch pa mor aml, neu dalu â cherdyn
advice-method-single = Ar gyfer rhoddion unigol y mae cerdyn: talwch yn rheolaidd drwy Ddebyd Uniongyrchol, neu rhowch unwaith
advice-gift-aid = Ticiwch neu cliriwch y blwch Rhodd Cymorth
advice-gift-aid-clear = Ni ellir hawlio Rhodd Cymorth ar hyn: cliriwch y blwch Rhodd Cymorth
advice-appeal = Defnyddiwch rhwng 1 a 40 o lythrennau, ffigurau, _ neu -, a dim byd tebyg i rif cerdyn
advice-merchant-reference = Defnyddiwch rhwng 1 a 64 o lythrennau, ffigurau neu . _ : / # -, a dim byd tebyg i rif cerdyn
advice-account-name = Rhowch yr enw sydd ar y cyfrif
advice-account-name-letters = Rhowch yr enw sydd ar y cyfrif fel y mae eich banc yn ei ysgrifennu, mewn llythrennau'r wyddor Ladin, ffigurau, bylchau a . & / - '
advice-sort-code = Rhowch y cod didoli
advice-sort-code-format = Rhowch god didoli o 6 digid, fel 30-94-30
advice-sort-code-digits = Rhowch 6 digid, fel 309430
advice-account-number = Rhowch rif y cyfrif
advice-account-number-format = Rhowch rif cyfrif o rhwng 6 ac 8 digid, fel 00733445
advice-account-number-digits = Rhowch rif cyfrif o 8 digid, fel 00733445
advice-account-neither = Gwiriwch y cod didoli a rhif y cyfrif: ni all y ddau fod gan yr un cyfrif
advice-account-unknown = Gwiriwch y cod didoli a rhif y cyfrif: nid yw'r banc yn eu hadnabod gyda'i gilydd, neu nid yw'n derbyn Debydau Uniongyrchol ar y cyfrif hwnnw
advice-account-refused = Gwiriwch y cod didoli a rhif y cyfrif: ni dderbyniwyd nhw
advice-account-holder = Cadarnhewch mai eich cyfrif chi yw hwn, neu dewiswch ffordd arall o dalu
advice-start-again = Dewiswch ddiwrnod y casgliad cyntaf eto
advice-start-later = Dewiswch ddiwrnod diweddarach ar gyfer y casgliad cyntaf: mae hwn yn rhy fuan
advice-start-refused = Dewiswch ddiwrnod arall ar gyfer y casgliad cyntaf: ni dderbyniwyd hwn
advice-start-none = Talwch â cherdyn, neu dewch yn ôl yn nes ymlaen: ni ellir pennu diwrnod y casgliad cyntaf
advice-date = Rhowch ddyddiad yn y ganrif hon
advice-card-number = Rhowch rif y cerdyn
advice-card-number-figures = Rhowch y 12 i 19 digid sydd ar flaen y cerdyn
advice-card-number-wrong = Gwiriwch rif y cerdyn: mae digid yn anghywir, neu mae dau wedi cyfnewid lle
advice-card-number-refused = Gwiriwch rif y cerdyn, neu defnyddiwch gerdyn arall: ni dderbyniwyd hwn
advice-card-expiry = Rhowch ddyddiad dod i ben y cerdyn
advice-card-expiry-format = Rhowch y dyddiad dod i ben fel mis a blwyddyn, fel 09/29
advice-card-expired = Defnyddiwch gerdyn arall: mae hwn wedi dod i ben
advice-card-expiry-far = Gwiriwch y dyddiad dod i ben: mae'n rhy bell yn y dyfodol
advice-card-expiry-refused = Gwiriwch y dyddiad dod i ben: ni dderbyniwyd ef
advice-card-cvc = Rhowch y cod diogelwch
advice-card-cvc-format = Rhowch y cod diogelwch: y 3 digid olaf ar gefn y cerdyn, neu'r 4 ar flaen cerdyn American Express
advice-card-cvc-refused = Gwiriwch y cod diogelwch: ni dderbyniwyd ef
advice-card-holder = Rhowch yr enw sydd ar y cerdyn
advice-card-holder-name = Rhowch yr enw fel y mae ar y cerdyn

### Tudalennau trafferth: teitl, a beth i'w wneud

ask-if-again = Os bydd yn digwydd eto, gofynnwch i ni:
message-number = Rhif y neges hon:
trouble-malformed = Ni ellir darllen y cais
trouble-malformed-do = Anfonwch gynnwys dilys o'r math a ddatganwyd.
trouble-doubled = Rhoddwyd maes ddwywaith
trouble-doubled-do = Anfonwch bob maes unwaith.
trouble-bad-name = Mae gan faes enw nad yw'n bosibl
trouble-bad-name-do = Defnyddiwch yr enwau plaen a restrir yn y ddogfennaeth.
trouble-unknown-field = Nid yw maes yn hysbys yma
trouble-unknown-field-do = Anfonwch y meysydd a restrir yn y ddogfennaeth yn unig, a manylion cerdyn a banc dim ond lle mae'r gwasanaeth hwn yn gofyn amdanynt.
trouble-many-fields = Mae gormod o feysydd
trouble-many-fields-do = Anfonwch y meysydd a restrir yn y ddogfennaeth yn unig.
trouble-not-utf-8 = Nid yw'r testun yn UTF-8
trouble-not-utf-8-do = Anfonwch destun fel UTF-8.
trouble-transfer = Ni dderbynnir yr amgodiad trosglwyddo
trouble-transfer-do = Anfonwch Content-Length, neu chunked a dim arall.
trouble-no-host = Mae'r pennyn Host ar goll neu wedi'i ddyblu
trouble-no-host-do = Anfonwch un pennyn Host.
trouble-misdirected = Ni wasanaethir y gwesteiwr hwn yma
trouble-check-address = Gwiriwch y cyfeiriad.
trouble-return = Ni chaniateir y cyfeiriad dychwelyd
trouble-return-do = Defnyddiwch gyfeiriad https y mae ei darddiad wedi'i restru yn public.return_origins.
trouble-cross-site = Anfonwyd y ffurflen hon o safle arall
trouble-cross-site-do = Agorwch ein ffurflen ni a'i llenwi yno. Nid anfonwyd dim y tro hwn.
trouble-not-found = Nid oes dim yma
trouble-method = Ni ellir gwneud hyn yma
trouble-method-do = Defnyddiwch ddull y mae'r pennyn Allow yn ei restru.
trouble-slow = Daeth y cais yn rhy araf
trouble-slow-do = Nid anfonwyd dim y tro hwn. Rhowch gynnig arall arni.
trouble-large = Mae'r cais yn rhy fawr
trouble-large-do = Anfonwch lai.
trouble-long = Mae'r cyfeiriad yn rhy hir
trouble-long-do = Byrhewch y cyfeiriad.
trouble-type = Ni dderbynnir y math hwn o gynnwys
trouble-type-do = Anfonwch application/x-www-form-urlencoded o ffurflenni, application/json i'r API.
trouble-charset = Ni dderbynnir y set nodau hon
trouble-compressed = Ni dderbynnir cynnwys wedi'i gywasgu
trouble-compressed-do = Anfonwch ef fel y mae.
trouble-expectation = Ni ellir bodloni'r disgwyliad hwnnw yma
trouble-expectation-do = Disgwyliwch 100-continue neu ddim.
trouble-often = Daeth gormod o geisiadau o'ch rhwydwaith
trouble-often-do = Arhoswch funud a rhowch gynnig arall arni. Nid anfonwyd dim y tro hwn.
trouble-paused = Ni dderbynnir taliadau â cherdyn ar hyn o bryd
trouble-paused-do = Nid anfonwyd dim ac ni chodwyd tâl y tro hwn. Arhoswch rai munudau, fel y dywed Retry-After, a rhowch gynnig arall arni.
trouble-unavailable = Ni allwn dderbyn hyn ar hyn o bryd
trouble-unavailable-do = Nid anfonwyd dim y tro hwn. Rhowch gynnig arall arni ymhen munud.
trouble-unreadable = Ni allwn edrych ar hyn ar hyn o bryd
trouble-unreadable-do = Mae'r hyn a ddigwyddodd iddo wedi'i gadw ac nid yw wedi newid. Peidiwch â thalu eto: edrychwch eto ymhen munud.
trouble-late = Cymerodd hyn ormod o amser
trouble-late-do = Gwiriwch cyn rhoi cynnig arall arni: efallai ei fod wedi'i nodi.
trouble-internal = Aeth rhywbeth o'i le ar ein hochr ni
trouble-internal-do = Rhowch gynnig arall arni ymhen munud.
