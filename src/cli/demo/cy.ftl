# The demo charity's own texts in Welsh; in English they stand in demo.toml.
our-name = Goleuadau'r Harbwr
our-registration = Elusen ddychmygol: ni chymerir unrhyw arian yn yr arddangosiad hwn
our-donate-title = Cadwch y goleuadau ynghyn
our-donate-introduction = Mae eich rhodd yn talu am y bobl a'r cychod sy'n dod ag eraill adref yn ddiogel.
our-donate-gift-aid = Rwyf am hawlio Rhodd Cymorth ar y rhodd hon ac unrhyw roddion a wnaf yn y dyfodol neu yr wyf wedi'u gwneud yn y 4 blynedd diwethaf i Oleuadau'r Harbwr. Rwy'n drethdalwr yn y DU ac rwy'n deall, os byddaf yn talu llai o Dreth Incwm a/neu Dreth Enillion Cyfalaf na swm y Rhodd Cymorth a hawlir ar fy holl roddion yn y flwyddyn dreth honno, mai fy nghyfrifoldeb i yw talu unrhyw wahaniaeth.
our-join-introduction = Mae aelodau'n cadw pob lamp ynghyn, drwy gydol y flwyddyn.
our-join-gift-aid = Rwyf am hawlio Rhodd Cymorth ar fy nhanysgrifiad aelodaeth ac unrhyw roddion a wnaf yn y dyfodol neu yr wyf wedi'u gwneud yn y 4 blynedd diwethaf i Oleuadau'r Harbwr. Rwy'n drethdalwr yn y DU ac rwy'n deall, os byddaf yn talu llai o Dreth Incwm a/neu Dreth Enillion Cyfalaf na swm y Rhodd Cymorth a hawlir ar fy holl roddion yn y flwyddyn dreth honno, mai fy nghyfrifoldeb i yw talu unrhyw wahaniaeth.
our-plan-friend-name = Ffrind
our-plan-friend-description = Ein cylchgrawn ddwywaith y flwyddyn, a phleidlais yn y cyfarfod blynyddol.
our-plan-family-name = Teulu
our-plan-family-description = Yr un peth i ddau oedolyn a'u holl blant, gyda diwrnodau i'r teulu wrth y goleudy.
