from django.urls import path

from registrations.views import attendance, badges, hours, invoices, money, orders, rosters, scopes

app_name = "registrations"
urlpatterns = [
    path("rosters/new/<int:institute_id>/", rosters.roster_start, name="roster_start"),
    path("rosters/<int:draft_id>/", rosters.roster, name="roster"),
    path("rosters/<int:draft_id>/sheet/", rosters.roster_lay, name="roster_lay"),
    path("rosters/<int:draft_id>/columns/", rosters.roster_columns, name="roster_columns"),
    path("rosters/<int:draft_id>/people/", rosters.roster_people, name="roster_people"),
    path("rosters/<int:draft_id>/rows/decide/", rosters.roster_decide, name="roster_decide"),
    path("rosters/<int:draft_id>/rows/leave-out/", rosters.roster_leave_out, name="roster_leave_out"),
    path("rosters/<int:draft_id>/rows/<int:key>/", rosters.roster_row, name="roster_row"),
    path("rosters/<int:draft_id>/money/", money.roster_funding, name="roster_funding"),
    path("rosters/<int:draft_id>/money/line/", money.roster_line, name="roster_line"),
    path("rosters/<int:draft_id>/money/order/", money.roster_new_order, name="roster_new_order"),
    path("rosters/<int:draft_id>/money/choose/", money.roster_purchase_order, name="roster_purchase_order"),
    path("rosters/<int:draft_id>/confirm/", money.roster_confirm, name="roster_confirm"),
    path("orders/<int:order_id>/", orders.order, name="order"),
    path("staff/orders/", orders.orders, name="orders"),
    path("staff/institutes/<int:institute_id>/people/", orders.institute_roster, name="institute_roster"),
    path("staff/institutes/<int:institute_id>/people.csv", orders.institute_roster_csv, name="institute_roster_csv"),
    path("staff/institutes/<int:institute_id>/people.xlsx", orders.institute_roster_xlsx, name="institute_roster_xlsx"),
    path("staff/institutes/<int:institute_id>/attendance/", attendance.attendance, name="attendance"),
    path("staff/institutes/<int:institute_id>/attendance/cell/", attendance.attendance_cell, name="attendance_cell"),
    path("staff/institutes/<int:institute_id>/badges/", badges.badges, name="badges"),
    path("staff/institutes/<int:institute_id>/badges.pdf", badges.badges_paper, name="badges_paper"),
    path("registrations/<int:registration_id>/times/<str:day>/", attendance.attendance_times, name="attendance_times"),
    path("registrations/<int:registration_id>/hours/", hours.hours, name="hours"),
    path("registrations/<int:registration_id>/hours/correct/", hours.correct, name="correct"),
    path("registrations/<int:registration_id>/hours/<uuid:event_id>/take-back/", hours.take_back, name="take_back"),
    path("staff/institutes/<int:institute_id>/invoices/", invoices.institute_invoices, name="institute_invoices"),
    path("staff/institutes/<int:institute_id>/invoices/draft/", invoices.draft_invoices, name="draft_invoices"),
    path("staff/institutes/<int:institute_id>/invoices/issue/", invoices.issue_invoices, name="issue_invoices"),
    path("staff/institutes/<int:institute_id>/invoices/sent/", invoices.invoices_progress, name="invoices_progress"),
    path("staff/agreements/<int:agreement_id>/programs/", scopes.agreement_scope, name="agreement_scope"),
    path("b/<str:badge>/", badges.badge, name="badge"),
]
