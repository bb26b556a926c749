"""Who may open and send what: a row for each address, a column for each of the cast. test_access_matrix.py proves it."""

# What each gets. `login` is the sign-in page, or 401 from the API. 404 is what is another's; 403, what one sees but may
# not do. Hal is the coordinator of another district; the facilitator is engaged at the institute, the host is its fiscal
# agent, the director has it in her region; Ana is the participant, with a login.
CAST =           "stranger hal dolores bea omar facilitator host director ana".split()  # fmt: skip # noqa: SIM905
PUBLIC =         "200      200 200     200 200  200         200  200      200"  # fmt: skip
SIGNED_IN =      "login    200 200     200 200  200         200  200      200"  # fmt: skip
STAFF =          "login    403 403     403 200  403         403  403      403"  # fmt: skip
# An institute that is published, and one that is not.
ATTENDANCE =     "login    403 403     403 200  200         200  200      403"  # fmt: skip
UNPUBLISHED =    "login    404 404     404 200  404         403  403      404"  # fmt: skip
REGISTERS =      "login    200 200     403 200  403         403  403      403"  # fmt: skip
# Rows of Alder Valley: what its coordinator works on, what its business office reads too.
ROSTER =         "login    404 200     403 200  404         404  404      404"  # fmt: skip
LED_BACK =       "login    404 302     403 302  404         404  404      404"  # fmt: skip
DISTRICT =       "login    404 200     200 200  404         404  404      404"  # fmt: skip
KEPT_BY_STAFF =  "login    404 403     403 200  404         404  404      404"  # fmt: skip
ONLY_STAFF =     "login    404 404     404 200  404         404  404      404"  # fmt: skip
# A seat: whoever hosts, facilitates or sits in it finds it, and has no business with it.
SEAT =           "login    404 200     200 200  403         403  403      403"  # fmt: skip
SEAT_KEPT =      "login    404 200     403 200  403         403  403      403"  # fmt: skip
SEATS_TICKED =   "login    302 200     403 200  403         403  403      403"  # fmt: skip
SEATS_SENT =     "login    400 200     403 200  403         403  403      403"  # fmt: skip
NO_LETTER =      "login    404 404     404 404  404         404  404      404"  # fmt: skip
# Money: lists are of one's own; a host sees that the fiscal agent is paid by somebody, and nothing more.
MONEY =          "login    200 200     200 200  403         403  403      403"  # fmt: skip
TO_THE_AGENT =   "login    404 200     200 200  404         403  404      404"  # fmt: skip
BILLED =         "login    404 403     403 200  404         403  404      404"  # fmt: skip
THE_AGENT =      "login    404 404     404 200  404         403  404      404"  # fmt: skip
GRANT =          "login    200 200     200 200  404         404  404      404"  # fmt: skip
GRANT_KEPT =     "login    403 403     403 200  404         404  404      404"  # fmt: skip
MONEY_API =      "login    404 200     200 200  403         403  403      403"  # fmt: skip
MONEY_DRAFT =    "login    404 404     404 200  403         403  403      403"  # fmt: skip
# A team: its sponsor's to arrange, seen by those at the institute. What a person chose: also seen by herself.
TEAM =           "login    404 200     403 200  403         403  403      404"  # fmt: skip
TEAM_READ =      "login    404 200     200 200  200         200  200      404"  # fmt: skip
TEAM_ALLOWED =   "login    404 403     403 200  403         403  403      404"  # fmt: skip
CHOOSES =        "login    404 200     403 200  403         403  403      403"  # fmt: skip
# A person: her names, her hours, her mail.
HERS =           "login    404 200     200 200  200         200  200      200"  # fmt: skip
HERS_KEPT =      "login    404 403     403 200  200         200  200      403"  # fmt: skip
HERS_CERTIFIED = "login    404 403     403 200  403         403  403      403"  # fmt: skip
PERSON =         "login    404 403     403 200  404         404  404      403"  # fmt: skip
PERSON_READ =    "login    404 200     200 200  404         404  404      200"  # fmt: skip
MAIL_AGAIN =     "login    404 404     404 200  404         404  404      403"  # fmt: skip
MERGED =         "login    404 404     404 200  403         404  404      404"  # fmt: skip
# Links: whoever holds hers is taken for her; any other opens nothing.
HERS_ALONE =     "login    404 404     404 404  404         404  404      200"  # fmt: skip
REFUSED_LINK =   "403      403 403     403 403  403         403  403      403"  # fmt: skip
NOT_THERE =      "404      404 404     404 404  404         404  404      404"  # fmt: skip
ONLY_POST =      "login    405 405     405 405  405         405  405      405"  # fmt: skip
BAD_MESSAGE =    "400      400 400     400 400  400         400  400      400"  # fmt: skip
PUBLIC_POST =    "405      405 405     405 405  405         405  405      405"  # fmt: skip
GOES_ON =        "login    302 302     302 302  302         302  302      302"  # fmt: skip

SEEN = {
    "set_language": GOES_ON,
    # Anyone
    "portal:home": PUBLIC, "portal:healthz": PUBLIC, "portal:brand": PUBLIC, "portal:logo": PUBLIC,
    "portal:sign_in_as": PUBLIC_POST,
    "events:institutes": PUBLIC, "events:feed": PUBLIC, "events:institute": PUBLIC,
    "events:institute (unpublished)": "404 404 404 404 200 404 200 200 404",
    "events:programs": PUBLIC, "events:program": PUBLIC,
    "certificates:verify": PUBLIC, "certificates:verify_code": PUBLIC, "certificates:new_link": PUBLIC,
    "registrations:badge": PUBLIC,
    # By a signed link
    "certificates:mine (her link)": PUBLIC, "certificates:mine (forged link)": REFUSED_LINK,
    "certificates:mine (her own link)": REFUSED_LINK,  # of another page
    "certificates:certificate (her link)": PUBLIC, "certificates:certificate (forged link)": REFUSED_LINK,
    "certificates:certificate (his link)": NOT_THERE,
    "certificates:pdf_by_link (her link)": PUBLIC, "certificates:pdf_by_link (forged link)": REFUSED_LINK,
    "certificates:pdf_by_link (his link)": NOT_THERE,
    "registrations:approval (her approval)": PUBLIC, "registrations:approval (forged link)": REFUSED_LINK,
    "billing:checkout (invoice by her link)": PUBLIC, "billing:checkout (forged link)": REFUSED_LINK,
    "billing:checkout (her link)": REFUSED_LINK,  # of another page
    "billing:checkout_left (invoice by her link)": PUBLIC, "billing:checkout_left (forged link)": REFUSED_LINK,
    "billing:checkout_done (invoice by her link)": PUBLIC, "billing:checkout_done (forged link)": REFUSED_LINK,
    "billing:checkout_start (forged link)": PUBLIC_POST, "billing:webhook": PUBLIC_POST,
    "registrations:own_place_new": PUBLIC, "registrations:own_place (forged link)": REFUSED_LINK,
    "registrations:own_place_pay (forged link)": PUBLIC_POST, "registrations:own_place_let_go (forged link)": PUBLIC_POST,
    "portal:participant (her own link)": PUBLIC, "portal:participant (forged link)": REFUSED_LINK,
    "portal:participant (her link)": REFUSED_LINK,  # of another page
    "portal:my_name (her own link)": PUBLIC, "portal:my_name (her link)": REFUSED_LINK,
    "portal:my_address (her own link)": PUBLIC, "portal:my_address (forged link)": REFUSED_LINK,
    "portal:confirm_address (claim by her link)": PUBLIC, "portal:confirm_address (forged link)": REFUSED_LINK,
    # Whoever is signed in
    "portal:my_needs (her own link)": PUBLIC, "portal:my_needs (her link)": REFUSED_LINK, "portal:my_needs": HERS_ALONE,
    "portal:my_choices (her own link)": PUBLIC, "portal:my_choices (her link)": REFUSED_LINK,
    "portal:my_choices": HERS_ALONE,
    "portal:my_days (her own link)": PUBLIC, "portal:my_days (her link)": REFUSED_LINK, "portal:my_days": HERS_ALONE,
    "portal:my_name": SIGNED_IN, "portal:my_address": SIGNED_IN,
    "portal:participant": SIGNED_IN, "portal:start": GOES_ON, "people:tokens": SIGNED_IN,
    "people:revoke_token": ONLY_POST,
    "portal:styleguide": SIGNED_IN, "portal:styleguide_progress": SIGNED_IN,
    # A district
    "portal:district": "login 200 200 200 404 404 404 404 404", "portal:district (of Alder Valley)": DISTRICT,
    "portal:mailings": "login 200 200 403 404 404 404 404 404", "portal:mailings (of Alder Valley)": ROSTER,
    "registrations:roster_start": REGISTERS, "registrations:roster": ROSTER,
    "registrations:roster_people": ROSTER, "registrations:roster_earlier": LED_BACK,
    "registrations:roster_suggest": ROSTER,
    # Deeds: who comes by a link was signed out before she acted, and is led back to the roster.
    "registrations:roster_lay": LED_BACK, "registrations:roster_columns": LED_BACK,
    "registrations:roster_decide": LED_BACK, "registrations:roster_leave_out": LED_BACK,
    "registrations:roster_answer_all": LED_BACK, "registrations:roster_wait": LED_BACK,
    "registrations:roster_type": LED_BACK, "registrations:roster_unnamed": LED_BACK,
    "registrations:roster_short": LED_BACK,
    "registrations:roster_row": ROSTER, "registrations:roster_funding": ROSTER, "registrations:roster_line": ROSTER,
    "registrations:roster_new_order": ROSTER, "registrations:roster_purchase_order": LED_BACK,
    "registrations:roster_confirm": ROSTER, "registrations:order": DISTRICT,
    "registrations:roster_quote": ONLY_POST, "registrations:roster_approval": ROSTER,
    "registrations:take_back_approval": ONLY_POST, "registrations:pay_for_others": ROSTER,
    "registrations:order_papers": DISTRICT, "registrations:order_quote": ONLY_POST,
    "registrations:district_seats": DISTRICT, "registrations:seat": SEAT, "registrations:name_seat": SEAT_KEPT,
    "registrations:substitute": SEAT_KEPT, "registrations:ask_takeover": SEAT_KEPT, "registrations:takeover": ROSTER,
    "registrations:withdraw": GOES_ON, "registrations:withdraw (of the seat)": SEATS_TICKED,
    "registrations:leave_open": GOES_ON, "registrations:leave_open (of the seat)": SEATS_TICKED,
    "registrations:transfer": GOES_ON, "registrations:transfer (of the seat)": SEATS_TICKED,
    "registrations:move_payer": GOES_ON, "registrations:move_payer (of the seat)": SEATS_TICKED,
    "registrations:close_institute": STAFF, "registrations:closure_letter": NO_LETTER,  # it was not canceled
    "registrations:order_needs": ROSTER,
    "people:district_people": ROSTER, "people:end_job": "login 404 200 403 200 404 404 404 403",
    "portal:colleagues": ROSTER, "portal:invite_colleague": ROSTER, "portal:hand_over": ROSTER,
    "portal:keep_part": ONLY_POST,
    "certificates:district": DISTRICT, "certificates:district_zip": DISTRICT,
    "certificates:show": HERS, "certificates:pdf": HERS,
    # Money
    "billing:invoices": MONEY, "billing:payments": MONEY, "billing:agreements": MONEY, "billing:purchase_orders": MONEY,
    "billing:invoice": TO_THE_AGENT, "billing:invoice (draft)": ONLY_STAFF, "billing:invoice_paper": TO_THE_AGENT,
    "billing:payment": TO_THE_AGENT, "billing:issue": ONLY_POST, "billing:discard": ONLY_POST, "billing:send": ONLY_POST,
    "billing:choose_payer": STAFF, "billing:record_payment": KEPT_BY_STAFF,
    "billing:use_credit": ONLY_POST, "billing:write_off": BILLED, "billing:write_off_back": BILLED,
    "billing:write_offs": STAFF, "billing:write_offs_ask": STAFF, "billing:write_off_batch": THE_AGENT,
    "billing:payment_take_back": BILLED, "billing:refund": BILLED, "billing:refund_failed": BILLED,
    "billing:remittances": STAFF, "billing:remittance": THE_AGENT, "billing:remittance_accept": ONLY_POST,
    "billing:remittance_line": THE_AGENT, "billing:remittance_leave_out": THE_AGENT, "registrations:reissue": BILLED,
    "billing:agreement": DISTRICT, "billing:agreement (grant)": GRANT, "billing:new_agreement": STAFF,
    "billing:edit_agreement": KEPT_BY_STAFF, "billing:edit_agreement (grant)": GRANT_KEPT,
    "billing:share_out": ONLY_POST, "billing:unshare": ONLY_POST, "billing:add_line": ONLY_POST,
    "billing:purchase_order": DISTRICT, "billing:purchase_order_file": DISTRICT,
    "billing:new_purchase_order": REGISTERS, "billing:edit_purchase_order": ROSTER,
    "billing:change_order": ROSTER, "billing:change_order_file": DISTRICT,
    "billing:agent": "login 403 403 403 403 403 200 403 403",
    "billing:agent_paper": "login 404 403 403 403 404 200 404 404",
    "billing:quotes": MONEY, "billing:quote": TO_THE_AGENT, "billing:quote_paper": TO_THE_AGENT,
    "billing:packets": MONEY, "billing:packet_zip": MONEY, "billing:remit_to": MONEY, "billing:w9": MONEY,
    "billing:payee_paper": MONEY, "billing:keep_paper": THE_AGENT, "billing:leave_out_paper": ONLY_POST,
    "billing:cover_charges": KEPT_BY_STAFF, "billing:card_payments": STAFF,
    "portal:disputes": STAFF, "portal:dispute": BILLED, "portal:evidence": BILLED, "portal:send_evidence": ONLY_POST,
    "billing:payers": STAFF, "billing:edit_payer": KEPT_BY_STAFF, "billing:payees": STAFF, "billing:new_payee": STAFF,
    "billing:edit_payee": THE_AGENT,
    "billing:ageing": MONEY, "billing:ageing_table": MONEY, "billing:statement": DISTRICT,
    "billing:statement_paper": DISTRICT, "billing:send_statement": ONLY_POST, "billing:reminders": STAFF,
    "billing:hold_reminders": KEPT_BY_STAFF, "billing:end_hold": ONLY_POST, "billing:year_end": STAFF,
    "billing:book_exports": STAFF, "billing:book_export": THE_AGENT, "billing:trial_balance": STAFF,
    "registrations:agreement_scope": KEPT_BY_STAFF, "registrations:agreement_scope (grant)": GRANT_KEPT,
    "portal:grant_report": KEPT_BY_STAFF, "portal:grant_report_file": KEPT_BY_STAFF, "portal:freeze_report": ONLY_POST,
    "portal:grant_report (grant)": GRANT_KEPT, "portal:grant_report_file (grant)": GRANT_KEPT,
    "portal:report_run": KEPT_BY_STAFF, "portal:report_run_paper": KEPT_BY_STAFF,
    "registrations:institute_services": STAFF, "registrations:institute_services (unpublished)": UNPUBLISHED,
    "registrations:service_days": REGISTERS, "registrations:sign_off_services": ONLY_POST,
    "registrations:ask_about_service": ONLY_POST, "registrations:take_back_service": ONLY_POST,
    "registrations:agreement_balance": DISTRICT, "registrations:agreement_balance (grant)": ONLY_STAFF,
    # Waitlists, teams, choices, doors
    "registrations:waits": REGISTERS, "registrations:wait": ROSTER, "registrations:wait_leave": ONLY_POST, "registrations:wait_offer": ONLY_POST,
    "registrations:offer": ROSTER, "registrations:offer_accept": ONLY_POST, "registrations:offer_decline": ONLY_POST,
    "registrations:institute_waitlist": STAFF, "registrations:teams": REGISTERS, "registrations:institute_teams": STAFF,
    "registrations:team": TEAM, "registrations:team_allow": ONLY_POST, "registrations:choice": CHOOSES,
    "events:doors": STAFF, "events:doors (unpublished)": UNPUBLISHED, "events:doors_audience": ONLY_POST,
    "events:doors_gaps": ONLY_POST, "events:doors_window": ONLY_POST, "events:doors_window_close": ONLY_POST,
    "events:doors_set_aside": ONLY_POST, "events:doors_free": ONLY_POST,
    # Attendance
    "registrations:attendance": ATTENDANCE, "registrations:attendance_cell": ONLY_POST,
    "registrations:badges": ATTENDANCE, "registrations:badges_paper": ATTENDANCE,
    "registrations:attendance_times": HERS_KEPT, "registrations:hours": HERS, "registrations:correct": ONLY_POST,
    "registrations:take_back": ONLY_POST,
    # The provider's staff
    "registrations:late_papers": STAFF, "registrations:hold_papers": ONLY_POST, "registrations:release_papers": ONLY_POST,
    "portal:today": STAFF, "registrations:orders": STAFF, "registrations:institute_roster": STAFF,
    "registrations:institute_needs": STAFF,
    "registrations:institute_roster_csv": STAFF, "registrations:institute_roster_xlsx": STAFF,
    "registrations:institute_invoices": STAFF, "registrations:invoices_progress": STAFF,
    "registrations:draft_invoices": ONLY_POST, "registrations:issue_invoices": ONLY_POST,
    "certificates:institute": STAFF, "certificates:progress": STAFF, "certificates:issue": ONLY_POST,
    "certificates:print_again": ONLY_POST,
    "certificates:reissue": HERS_CERTIFIED, "certificates:revoke": HERS_CERTIFIED,
    "events:staff_institutes": STAFF, "events:new_institute": STAFF, "events:staff_institute": STAFF,
    "events:staff_institute (unpublished)": UNPUBLISHED, "events:clone_institute": STAFF, "events:edit_institute": STAFF,
    "events:publish": ONLY_POST, "events:strands": STAFF, "events:add_block": STAFF, "events:copy_day": STAFF,
    "events:edit_block": STAFF, "events:remove_block": ONLY_POST, "events:terms": STAFF, "events:new_terms": STAFF,
    "events:preview_terms": STAFF, "events:reference": STAFF, "events:reference_new": STAFF,
    "events:reference_edit": STAFF,
    "people:directory": STAFF, "people:organization": KEPT_BY_STAFF, "people:appoint": KEPT_BY_STAFF,
    "people:end_membership": ONLY_POST, "people:imports": STAFF, "people:import": ONLY_STAFF,
    "people:import_progress": ONLY_STAFF, "people:import_refused": ONLY_STAFF,
    "people:people": STAFF, "people:person": PERSON, "people:rename": PERSON, "people:begin_job": PERSON,
    "people:duplicates": STAFF, "people:two_people": ONLY_POST, "portal:same_person": KEPT_BY_STAFF,
    "people:merges": STAFF, "people:unmerge": MERGED, "portal:names_asked_for": STAFF, "portal:grant_name": ONLY_POST,
    "portal:decline_name": ONLY_POST,
    "office:mail": STAFF, "office:message": STAFF, "office:message_html": STAFF, "office:attachment": STAFF,
    "office:send_again": ONLY_POST, "office:jobs": STAFF, "office:try_job_again": ONLY_POST,
    # The API
    "api-schema": SIGNED_IN, "program-list": SIGNED_IN, "program-detail": SIGNED_IN, "season-list": SIGNED_IN,
    "season-detail": SIGNED_IN, "institute-list": SIGNED_IN, "institute-detail": SIGNED_IN,
    "institute-detail (unpublished)": "login 404 404 404 200 404 200 200 404",
    "institute-agenda": ONLY_POST, "institute-clone": ONLY_POST, "institute-publish": ONLY_POST,
    "session-list": SIGNED_IN, "session-detail": SIGNED_IN,
    "districts-list": SIGNED_IN, "districts-detail": DISTRICT, "schools-list": SIGNED_IN, "schools-detail": DISTRICT,
    "people-list": SIGNED_IN, "people-detail": PERSON_READ, "merge-list": STAFF, "merge-undo": ONLY_POST,
    "invoice-list": MONEY, "invoice-detail": MONEY_API, "invoice-detail (draft)": MONEY_DRAFT,
    "invoice-checkout": "login 404 400 400 400 403 403 403 403",  # cards are off here
    "agreement-list": MONEY, "agreement-detail": MONEY_API, "agreement-detail (grant)": MONEY,
    "purchase-order-list": MONEY, "purchase-order-detail": MONEY_API, "purchase-order-change-orders": "login 405 405 405 405 403 403 403 403",
    "allocation-list": MONEY, "allocation-detail": MONEY_API, "refund-list": MONEY, "refund-detail": MONEY_API,
    "allocation-take-back": "login 405 405 405 405 403 403 403 403",
    "refund-fail": "login 405 405 405 405 403 403 403 403", "write-off-list": MONEY, "write-off-detail": MONEY_API,
    "write-off-batch-list": MONEY, "write-off-batch-detail": MONEY_DRAFT,
    "write-off-batch-decide": "login 405 405 405 405 403 403 403 403", "credit-memo-list": MONEY,
    "credit-memo-detail": MONEY_API, "reissue-list": ONLY_POST,
    "quote-list": MONEY, "quote-detail": "login 404 200 200 200 403 403 403 403",
    "approval-list": SIGNED_IN, "approval-detail": DISTRICT, "order-paper-papers": DISTRICT,
    "order-paper-attach": ONLY_POST, "order-paper-quotes": ONLY_POST, "payment-list": MONEY, "payment-detail": MONEY_API,
    "seat-list": SIGNED_IN, "seat-detail": HERS, "seat-name": ONLY_POST,
    "substitution-list": SIGNED_IN, "substitution-detail": HERS,
    "withdrawal-list": SIGNED_IN, "withdrawal-detail": DISTRICT, "withdrawal-instead": ONLY_POST,
    "transfer-list": SIGNED_IN, "transfer-detail": DISTRICT, "payer-move-list": SIGNED_IN, "payer-move-detail": DISTRICT,
    "takeover-list": SIGNED_IN, "takeover-detail": DISTRICT, "takeover-accept": ONLY_POST, "takeover-decline": ONLY_POST,
    "cancellation-list": ONLY_POST,
    "order-list": SIGNED_IN, "order-detail": DISTRICT, "registration-list": SIGNED_IN, "registration-detail": HERS,
    "registration-hours-list": HERS, "attendance-event-list": SIGNED_IN, "registration-choices-list": CHOOSES,
    "waitlist-entry-list": SIGNED_IN, "waitlist-entry-detail": DISTRICT, "waitlist-entry-standing": ROSTER,
    "waitlist-entry-leave": ONLY_POST, "waitlist-entry-offer": ONLY_POST,
    "offer-list": SIGNED_IN, "offer-detail": DISTRICT, "offer-accept": ONLY_POST, "offer-decline": ONLY_POST,
    "team-list": SIGNED_IN, "team-detail": TEAM_READ, "team-standing": TEAM_READ, "team-allow": ONLY_POST,
    "colleague-list": "login 200 200 403 200 403 403 403 403", "colleague-hand-over": ONLY_POST,
    "certificates-list": SIGNED_IN, "certificates-detail": HERS, "certificates-pdf": HERS,
}  # fmt: skip

# What is sent to an address that takes only that, or lets others see than act. `200` there is who may: he is not tried.
SENT = {
    "colleague-list": "login 404 200 403 200 403 403 403 403",
    "colleague-hand-over": "login 404 200 403 200 403 403 403 403",
    "registrations:own_place_pay (forged link)": REFUSED_LINK,
    "registrations:own_place_let_go (forged link)": REFUSED_LINK,
    "billing:checkout_start (forged link)": REFUSED_LINK, "billing:webhook": BAD_MESSAGE,
    "portal:send_evidence": BILLED,
    "people:revoke_token": "login 404 200 404 404 404 404 404 404",
    "people:two_people": KEPT_BY_STAFF, "portal:keep_part": ROSTER, "merge-list": STAFF, "merge-undo": STAFF,
    "portal:grant_name": MAIL_AGAIN, "portal:decline_name": MAIL_AGAIN,
    "people:end_membership": KEPT_BY_STAFF, "office:send_again": MAIL_AGAIN, "office:try_job_again": STAFF,
    "events:publish": STAFF, "events:publish (unpublished)": UNPUBLISHED, "events:remove_block": STAFF,
    "billing:issue": BILLED, "billing:issue (draft)": ONLY_STAFF, "billing:discard (draft)": ONLY_STAFF,
    "billing:discard": BILLED, "billing:send": BILLED, "billing:payment": BILLED, "billing:use_credit": BILLED,
    "billing:remittance_accept": THE_AGENT, "allocation-list": STAFF, "allocation-take-back": STAFF,
    "refund-list": STAFF, "refund-fail": "login 404 403 403 200 403 403 403 403", "write-off-list": STAFF,
    "write-off-batch-list": STAFF, "write-off-batch-decide": MONEY_DRAFT, "credit-memo-list": STAFF,
    "reissue-list": STAFF,
    "billing:send_statement": KEPT_BY_STAFF, "billing:hold_reminders": KEPT_BY_STAFF, "billing:end_hold": KEPT_BY_STAFF,
    "billing:year_end": STAFF, "billing:book_exports": STAFF,
    "registrations:institute_services": STAFF, "registrations:institute_services (unpublished)": UNPUBLISHED,
    "registrations:sign_off_services": REGISTERS, "registrations:ask_about_service": ROSTER,
    "registrations:take_back_service": KEPT_BY_STAFF,
    "portal:freeze_report": KEPT_BY_STAFF, "portal:freeze_report (grant)": GRANT_KEPT,
    "billing:share_out": KEPT_BY_STAFF, "billing:share_out (grant)": GRANT_KEPT, "billing:unshare (grant)": GRANT_KEPT,
    "billing:add_line": KEPT_BY_STAFF, "billing:add_line (grant)": GRANT_KEPT,
    "registrations:roster_lay": ROSTER, "registrations:roster_columns": ROSTER, "registrations:roster_decide": ROSTER,
    "registrations:roster_answer_all": ROSTER, "registrations:roster_wait": ROSTER, "registrations:roster_type": ROSTER,
    "registrations:roster_unnamed": ROSTER, "registrations:roster_short": ROSTER,
    "registrations:roster_leave_out": ROSTER, "registrations:roster_purchase_order": ROSTER,
    "registrations:wait_leave": ROSTER, "registrations:wait_offer": KEPT_BY_STAFF, "registrations:offer_accept": ROSTER,
    "registrations:offer_decline": ROSTER, "registrations:team": TEAM, "registrations:team_allow": TEAM_ALLOWED,
    "registrations:choice": CHOOSES, "events:doors_audience": STAFF, "events:doors_gaps": STAFF,
    "events:doors_window": STAFF, "events:doors_window_close": STAFF, "events:doors_set_aside": STAFF,
    "events:doors_free": STAFF, "waitlist-entry-leave": ROSTER, "waitlist-entry-offer": KEPT_BY_STAFF,
    "offer-accept": ROSTER, "offer-decline": ROSTER, "team-allow": TEAM_ALLOWED, "registration-choices-list": CHOOSES,
    "registrations:attendance_cell": ATTENDANCE, "registrations:correct": HERS_KEPT, "registrations:take_back": HERS_KEPT,
    "registrations:draft_invoices": STAFF, "registrations:issue_invoices": STAFF, "certificates:issue": STAFF,
    "certificates:print_again": STAFF,
    "billing:leave_out_paper": "login 403 403 403 200 404 403 404 404", "billing:change_order": ROSTER,
    "registrations:roster_quote": ROSTER, "registrations:take_back_approval": ROSTER, "registrations:order_quote": ROSTER,
    "registrations:order_papers": ROSTER, "registrations:hold_papers": KEPT_BY_STAFF,
    "registrations:release_papers": KEPT_BY_STAFF,
    "order-paper-attach": ROSTER, "order-paper-quotes": ROSTER,
    "purchase-order-list": "login 400 200 400 200 403 403 403 403",
    "purchase-order-change-orders": "login 404 200 403 200 403 403 403 403",
    "portal:sign_in_as": NOT_THERE,
    "institute-list": STAFF, "institute-detail": STAFF, "institute-agenda": STAFF, "institute-clone": STAFF,
    "institute-publish": STAFF, "payment-list": STAFF, "certificates-list": STAFF,
    # Hal's own district is his to register; Alder Valley is no answer that the form or the call knows.
    "registrations:roster_start": "login 422 200 403 200 403 403 403 403",
    "order-list": "login 400 200 403 200 400 400 400 400",
    "seat-name": SEAT_KEPT, "substitution-list": SEATS_SENT, "withdrawal-list": SEATS_SENT,
    "withdrawal-instead": SEATS_SENT, "transfer-list": SEATS_SENT, "payer-move-list": SEATS_SENT,
    "takeover-list": SEATS_SENT, "takeover-accept": ROSTER, "takeover-decline": ROSTER, "cancellation-list": STAFF,
    # Answered event by event, each refused; and the badge of somebody else, whom it does not tell.
    "attendance-event-list": "login ok ok ok 200 200 200 200 ok",
    "registrations:badge": "ok ok ok ok 200 200 200 200 ok",
}  # fmt: skip
