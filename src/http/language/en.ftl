# What supporters read, in English. Every language there is has these texts; what another leaves out is said in these.
# { $charity } and { $processor } may stand in any text, what else is in braces in this one alone.
# See docs/languages.md.

language-name = English

### Every page

skip = Skip to the content
languages = Languages
languages-keep = This form in another language, with all that you have typed:
languages-here = This page in another language, where your card or account has to be typed again:
questions = Questions?
privacy-notice = Privacy notice
step-details = Step 1 of 2: your details
step-payment = Step 2 of 2: payment
title-again = Again? { $title }
title-wait = Please wait. { $title }
title-error = Error: { $title }
back-to = Back to { $charity }
default-donate-title = Make a donation
default-join-title = Become a member

### The form: what is given

gift = Your gift
membership = Your membership
member-already = Already a member?
member-manage = See or change your membership
how-much = How much would you like to give?
another-amount = Another amount
another-amount-in = Another amount ({ $currency })
currency =
    { $code ->
       *[other] { $name }
    }
amount-limits = From { $least } to { $most }
how-often = How often?
often-once = Once
often-monthly = Every month
often-quarterly = Every three months
often-half-yearly = Every six months
often-yearly = Every year
each-once = once
each-monthly = every month
each-quarterly = every three months
each-half-yearly = every six months
each-yearly = every year
which-membership = Which membership?
how-to-pay = How would you like to pay?
card = Card
card-kinds = Debit or credit card
direct-debit = Direct Debit
direct-debit-gifts = For regular gifts, from your bank account
direct-debit-account = From your bank account
how-both-here = You enter your card or bank details on the next page, and confirm there.
how-card-here = You enter your card on the next page, bank details at { $processor }.
how-debit-here = You enter your card at { $processor }, bank details on the next page.
how-single-there = A single gift by card, on the page of { $processor }; a regular one by Direct Debit, confirmed on the next page.
how-each-there = A single gift by card, a regular one by Direct Debit; both on the next page, at { $processor }.
how-both-there = You enter your card or bank details on the next page, at { $processor }.

### The form: who gives

details = Your details
title = Title
choose = Choose
title-mr = Mr
title-mrs = Mrs
title-miss = Miss
title-ms = Ms
title-mx = Mx
title-dr = Dr
title-prof = Prof
title-rev = Rev
title-sir = Sir
title-dame = Dame
title-lady = Lady
title-lord = Lord
first-name = First name
last-name = Last name
email = Email address
email-hint = For messages about your payment
phone = Telephone number
address = Your address
line1 = Address line 1
line2 = Address line 2
line3 = Address line 3
town = Town or city
county = County
postcode = Postcode
country = Country
optional = (optional)

### The form: Gift Aid, and its end

gift-aid = Gift Aid
gift-aid-worth = If you pay UK tax, Gift Aid adds 25p to every £1 you give, at no cost to you.
gift-aid-yes = Yes, claim Gift Aid
happens = What happens to your details
happens-how = Your name, address and contact details are passed on to { $processor } so that your payment can be made. They are not kept here. We keep the amount, the date and whether the payment succeeded.
read-privacy = Read our privacy notice
continue = Continue to secure payment
next-both-here = Next: a page to check and confirm everything. Nothing is taken before you confirm it there.
next-card-here = Next: for a card a page to check and confirm it, for a Direct Debit the payment page of { $processor }. Nothing is taken before you confirm it there.
next-debit-here = Next: for a card the payment page of { $processor }, for a Direct Debit a page to check and confirm it. Nothing is taken before you confirm it there.
next-both-there = Next: the payment page of { $processor }. Nothing is taken before you confirm it there.

### The form again

problem = There is a problem
please-wait = Please wait
error = Error:
see-first = See what became of the first
sent-before = If you have sent it before:
see-that = see what became of that
prompt-too-quick = That was very quick. Please check your details and send the form again.
prompt-too-late = This page was open for a long time. Please check your details and send the form again.
prompt-changed = What can be chosen here has changed since you opened this page. Please check your details and send the form again.
prompt-too-often = Too many attempts came from your network, and nothing was sent this time. Please wait a minute and send this page again: it is paid once, however often you send it.
prompt-paused = Payments by card are paused for some minutes. Nothing was sent and nothing was charged this time. Please wait a while and send this page again: it is paid once, however often you send it.
prompt-not-now = We cannot take this just now, and nothing was sent this time. Please wait a minute and send this page again: it is paid once, however often you send it.
prompt-not-ours = We could not tell that this form is ours. Please check your details and send it again from here.
prompt-used-before = You have sent this form before with other choices. If you want to make another payment, check it and send it again.
prompt-given = If you turned back before you paid, nothing was taken for that attempt: just go on.
given-ago =
    { $minutes ->
        [0] You gave less than a minute ago.
        [one] You gave 1 minute ago.
       *[other] You gave { $minutes } minutes ago.
    }
joined-ago =
    { $minutes ->
        [0] You joined less than a minute ago.
        [one] You joined 1 minute ago.
       *[other] You joined { $minutes } minutes ago.
    }
want-give-again = Do you want to give again?
want-give-too = Do you want to give as well?
want-join-again = Do you want to join again?
want-join-too = Do you want to join as well?
give-again = Give again
give-too = Give as well
join-again = Join again
join-too = Join as well
no-back-to = No, back to { $charity }

### The page that hands over

handing = Taking you to { $processor }
handing-how = Your payment is made on the secure page of { $processor }, who handle payments for { $charity }.
handing-continue = Continue to { $processor }
handing-press = If nothing happens by itself, press the button.

### The second page, of whatever is paid here

for = For
for-donation = A donation to { $charity }
for-membership = Membership: { $plan } to { $charity }
amount = Amount
yes = Yes
your-name = Your name
your-email = Your email address
change = Change something

### The second page of a Direct Debit

debit = Check and confirm your Direct Debit
debit-wrong = Check your Direct Debit
debit-terms = What you are setting up
first-collection = First collection
on-statement = On your bank statement
service-user-number = Service user number
advance-notice =
    { $days ->
        [one] You will be told the amount and the date at least 1 working day before the first collection, and in advance of any change.
       *[other] You will be told the amount and the date at least { $days } working days before the first collection, and in advance of any change.
    }
account = Your bank or building society account
account-name = Name on the account
sort-code = Sort code
sort-code-hint = Six figures, like 30-94-30
account-number = Account number
account-number-hint = Six to eight figures
account-holder = This is my account
account-holder-alone = I am the account holder and the only person needed to authorise Direct Debits from it. If more than one person must sign, please contact us instead.
guarantee = The Direct Debit Guarantee
guarantee-as-given = The wording of the Guarantee is prescribed, and we do not have it in English. Here it is as it was given to us:
debit-confirm = Set up this Direct Debit
debit-passed-on = Your bank details are passed on to { $processor }, who collect for { $charity }. They are not kept here.
date = { $weekday ->
        [1] Monday
        [2] Tuesday
        [3] Wednesday
        [4] Thursday
        [5] Friday
        [6] Saturday
       *[7] Sunday
    } { $day } { $month ->
        [1] January
        [2] February
        [3] March
        [4] April
        [5] May
        [6] June
        [7] July
        [8] August
        [9] September
        [10] October
        [11] November
       *[12] December
    } { $year }

### The second page of a payment by card

paying = Check and pay by card
paying-what = What you are paying
now-then = now, then { $often }
your-card = Your card
card-number = Card number
card-number-hint = The long number on the front
card-expiry = Expiry date
card-expiry-hint = Month and year, like 09/29
card-cvc = Security code
card-cvc-hint = Last 3 figures on the back; 4 on the front of an American Express
card-holder = Name on the card
pay = Pay { $amount }
pay-once = Press once, and wait: it can take half a minute. Your bank may ask you to confirm on a page of its own. Your card details are passed on to { $processor }, who take payments for { $charity }. They are not kept here.

### The page that tells what became of it

your-reference = Your reference:
check-now = Check again now
looks-again = This page looks again by itself. You may also close it: the result is noted in any case.
try-again = Try again
received = Thank you
received-donation-card = Your donation has been received.
received-donation-debit = Your Direct Debit instruction has been received.
received-membership-card = Welcome! Your payment has been received and you are a member.
received-membership-debit = Welcome! Your Direct Debit instruction has been received and you are a member.
grateful = { $charity } is grateful for your support.
not-taken-card = Your payment was not taken
not-taken-debit = Your Direct Debit was not set up
nothing-taken-card = No money has been taken.
nothing-taken-debit = Nothing will be taken from your account.
as-far-as-known = As far as { $processor } knows: { $lead }
declined-card = It was declined by { $processor } or by your bank.
declined-debit = { $processor } did not accept these details.
look-again-card = You can try again: look closely at the number, the date and the security code, and confirm it if your bank asks, or take another card.
look-again-debit = You can try again: look closely at the account, or take another.
cancelled = It was cancelled before it was finished. You can try again.
unfinished = It was not finished.
unfinished-unreachable = { $processor } could not be reached, and nothing was sent.
unfinished-ours = Something went wrong on our side, and nothing was sent to { $processor }.
unfinished-refused = { $processor } said that it could not take it, and did nothing with it.
unfinished-unknown = { $processor } has told us that it did not receive it. Should it turn up there after all, this page says so.
again-in-minutes = You can try again in a few minutes.
told-us = This is what { $processor } told us: { $why } { $perhaps }
told-declined = It was declined.
told-cancelled = It was cancelled.
told-late = It was not finished in time.
perhaps-card = You can try again, perhaps with another card.
perhaps-debit = You can try again, perhaps with another account.
just-tried = If you have just tried again, wait a moment: this page looks again by itself.
unconfirmed-card = Your payment is still being confirmed
unconfirmed-debit = Your Direct Debit is still being confirmed
checking-card = We are checking. Do not pay again.
checking-debit = We are checking. Please do not set it up again.
checking-how = We have not heard from { $processor } yet what became of it. We ask again and again, at first within seconds and later once a day, until it is settled. It is never sent twice.
waiting = We are waiting for { $processor } to tell us the result.
repeat-card = Please do not pay again.
repeat-debit = Please do not set it up again.
disputed-card = Your payment is being checked
disputed-debit = Your Direct Debit is being checked
disputed-how = What { $processor } told us of it does not agree, so that we cannot say what became of it. It is marked for somebody to look at.
disputed-ask = If you want to know more, ask us and give your reference:
not-noted = Nothing has arrived yet
not-noted-wait = If you have just sent the form, please wait: this page looks again by itself every few seconds.
not-noted-send = If it still says so after two minutes, go back to the form and send it again: the same form is paid once, however often it is sent.
remark-used-before = If the payment page said that this payment was made or begun before: that attempt cannot be used again, and this page tells what became of it.
remark-contact = If the payment page did not accept your details: begin again and look closely at your name, address and email address.
remark-given-up = If you turned back on the payment page, nothing is taken for that attempt. You can begin again whenever you like.

### What is wrong with a field. These stand in English where they are made, and are looked up by that.

advice-shorten = Shorten this
advice-one-line = Enter this on one line, without control characters
advice-no-tabs = Enter this on one line, without tabs
advice-invisible = Type this again: it holds invisible characters
advice-title = Choose your title
advice-title-list = Choose a title from the list
advice-first-name = Enter your first name
advice-last-name = Enter your last name
advice-email = Enter your email address
advice-email-format = Enter an email address in the correct format, like name@example.com
advice-email-plain = Enter another email address: one without + or other signs, 50 characters at the most
advice-email-accents = Enter an email address without accents, like name@example.com
advice-email-refused = Enter another email address: this one was not accepted
advice-phone = Enter a telephone number, like 01632 960 001 or +44 808 157 0192
advice-phone-plain = Enter a telephone number, like 01632 960 001
advice-line1 = Enter the first line of your address
advice-town = Enter your town or city
advice-postcode = Enter your postcode
advice-postcode-format = Enter a postcode, like SW1A 1AA
advice-postcode-uk = This is not a UK postcode: enter all of it, like SW1A 1AA, or choose another country
advice-postcode-long = Enter a postcode of 5 to 10 letters and figures, like SW1A 1AA
advice-address-refused = Check your address and postcode: they were not accepted
advice-country = Choose your country
advice-country-list = Choose a country from the list
advice-names = Use letters, hyphens and apostrophes only, 40 at the most, for example Mary-Ann
advice-lines = Use letters, figures, spaces and . , : ' - _ @ $ only, at least 2 and at most 100 of them
advice-places = Use letters, figures, spaces and . , ' - only, 40 at the most
advice-latin = Write this in Latin letters
advice-words = Use letters, digits and ordinary punctuation
advice-account-letters = Use only letters, digits, spaces and . & / -
advice-reference-letters = Use only letters, digits and . _ / -
advice-spaced-letters = Use only letters, digits, spaces and . _ / -
advice-digits = Enter digits only
advice-needed = Enter this: the processor needs it
advice-refused = Check this: it was not accepted as it was written
advice-amount = Choose an amount
advice-amount-figures = Enter an amount in figures, for example 10 or 12.50
advice-amount-other = Enter the amount you would like to give
advice-amount-two = Clear this, or choose Another amount: two different amounts are given
advice-amount-larger = Choose a larger amount: this is less than can be taken
advice-amount-smaller = Choose a smaller amount, or contact us about a gift this large
advice-amount-most = Enter an amount of at most 999999.99
advice-currency = Use a currency that is offered here
advice-currency-pounds = Choose pounds: Direct Debits are in pounds only
advice-frequency = Choose how often to give
advice-frequency-regular = Choose monthly, quarterly, half-yearly or yearly
advice-plan = Choose a membership
advice-plan-list = Choose a membership from the list
advice-plan-join = A plan is for joining: leave it out, or join
advice-method = Choose how to pay
advice-method-other = Choose another way to pay
advice-method-regular = A Direct Debit is for regular gifts: choose how often, or pay by card
advice-method-single = A card is for single gifts: pay regularly by Direct Debit, or give once
advice-gift-aid = Tick or clear the Gift Aid box
advice-gift-aid-clear = Gift Aid cannot be claimed on this: clear the Gift Aid box
advice-appeal = Use 1 to 40 letters, figures, _ or -, and nothing like a card number
advice-merchant-reference = Use 1 to 64 letters, figures or . _ : / # -, and nothing like a card number
advice-account-name = Enter the name on the account
advice-account-name-letters = Enter the name on the account as your bank writes it, in letters of the Latin alphabet, figures, spaces and . & / - '
advice-sort-code = Enter the sort code
advice-sort-code-format = Enter a sort code of 6 figures, like 30-94-30
advice-sort-code-digits = Enter 6 digits, like 309430
advice-account-number = Enter the account number
advice-account-number-format = Enter an account number of 6 to 8 figures, like 00733445
advice-account-number-digits = Enter an account number of 8 digits, like 00733445
advice-account-neither = Check the sort code and account number: no account can have both
advice-account-unknown = Check the sort code and account number: the bank does not know them together, or takes no Direct Debits on that account
advice-account-refused = Check the sort code and account number: they were not accepted
advice-account-holder = Confirm that this is your account, or choose another way to pay
advice-start-again = Choose the day of the first collection again
advice-start-later = Choose a later day for the first collection: this one is too soon
advice-start-refused = Choose another day for the first collection: this one was not accepted
advice-start-none = Pay by card, or come back later: no first day can be worked out
advice-date = Enter a date of this century
advice-card-number = Enter the card number
advice-card-number-figures = Enter the 12 to 19 figures on the front of the card
advice-card-number-wrong = Check the card number: a figure is wrong, or two have changed places
advice-card-number-refused = Check the card number, or use another card: this one was not accepted
advice-card-expiry = Enter the card's expiry date
advice-card-expiry-format = Enter the expiry date as month and year, like 09/29
advice-card-expired = Use another card: this one has expired
advice-card-expiry-far = Check the expiry date: it is too far ahead
advice-card-expiry-refused = Check the expiry date: it was not accepted
advice-card-cvc = Enter the security code
advice-card-cvc-format = Enter the security code: the last 3 figures on the back of the card, or the 4 on the front of an American Express
advice-card-cvc-refused = Check the security code: it was not accepted
advice-card-holder = Enter the name on the card
advice-card-holder-name = Enter the name as it stands on the card

### Pages of trouble: a title, and what to do. These are looked up by their English too.

ask-if-again = If it happens again, ask us:
message-number = Number of this message:
trouble-malformed = The request cannot be read
trouble-malformed-do = Send well-formed content of the declared type.
trouble-doubled = A field is given twice
trouble-doubled-do = Send each field once.
trouble-bad-name = A field has a name that cannot be
trouble-bad-name-do = Use the plain names that the documentation lists.
trouble-unknown-field = A field is not known here
trouble-unknown-field-do = Send only the fields that the documentation lists, and card and bank details only where this service asks for them.
trouble-many-fields = There are too many fields
trouble-many-fields-do = Send only the fields that the documentation lists.
trouble-not-utf-8 = The text is not UTF-8
trouble-not-utf-8-do = Send text as UTF-8.
trouble-transfer = The transfer encoding is not taken
trouble-transfer-do = Send a Content-Length, or chunked and nothing else.
trouble-no-host = The Host header is missing or doubled
trouble-no-host-do = Send one Host header.
trouble-misdirected = This host is not served here
trouble-check-address = Check the address.
trouble-return = The return address is not allowed
trouble-return-do = Use an https address whose origin is listed in public.return_origins.
trouble-cross-site = This form was sent from another site
trouble-cross-site-do = Please open our form and fill it in there. Nothing was sent this time.
trouble-not-found = There is nothing here
trouble-method = This cannot be done here
trouble-method-do = Use a method that the Allow header lists.
trouble-slow = The request came too slowly
trouble-slow-do = Nothing was sent this time. Please try again.
trouble-large = The request is too large
trouble-large-do = Send less.
trouble-long = The address is too long
trouble-long-do = Shorten the address.
trouble-type = This type of content is not taken
trouble-type-do = Send application/x-www-form-urlencoded from forms, application/json to the API.
trouble-charset = This character set is not taken
trouble-compressed = Compressed content is not taken
trouble-compressed-do = Send it as it is.
trouble-expectation = That expectation is not met here
trouble-expectation-do = Expect 100-continue or nothing.
trouble-often = Too many attempts came from your network
trouble-often-do = Please wait a minute and try again. Nothing was sent this time.
trouble-paused = Payments by card are paused
trouble-paused-do = Nothing was sent and nothing was charged this time. Please wait some minutes, as Retry-After says, and try again.
trouble-unavailable = We cannot take this just now
trouble-unavailable-do = Nothing was sent this time. Please try again in a minute.
trouble-unreadable = We cannot look this up just now
trouble-unreadable-do = What became of it is kept and has not changed. Do not pay again: please look again in a minute.
trouble-late = This took too long
trouble-late-do = Please check before you try again: it may have been noted.
trouble-internal = Something went wrong on our side
trouble-internal-do = Please try again in a minute.
