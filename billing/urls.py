from django.urls import path

from billing.views import agreements, invoices, parties, payments, purchase_orders

app_name = "billing"
urlpatterns = [
    path("money/invoices/", invoices.invoices, name="invoices"),
    path("money/invoices/<int:invoice_id>/", invoices.invoice, name="invoice"),
    path("money/invoices/<int:invoice_id>/paper.pdf", invoices.invoice_paper, name="invoice_paper"),
    path("money/invoices/<int:invoice_id>/issue/", invoices.issue, name="issue"),
    path("money/invoices/<int:invoice_id>/discard/", invoices.discard, name="discard"),
    path("money/invoices/<int:invoice_id>/send/", invoices.send, name="send"),
    path("money/payments/", payments.payments, name="payments"),
    path("money/payments/record/", payments.choose_payer, name="choose_payer"),
    path("money/payments/record/<int:payer_id>/", payments.record_payment, name="record_payment"),
    path("money/payments/<int:payment_id>/", payments.payment, name="payment"),
    path("money/agreements/", agreements.agreements, name="agreements"),
    path("money/agreements/new/<slug:kind>/", agreements.new_agreement, name="new_agreement"),
    path("money/agreements/<int:agreement_id>/", agreements.agreement, name="agreement"),
    path("money/agreements/<int:agreement_id>/edit/", agreements.edit_agreement, name="edit_agreement"),
    path("money/agreements/<int:agreement_id>/shares/", agreements.share_out, name="share_out"),
    path("money/agreements/<int:agreement_id>/shares/<int:cap_id>/", agreements.serve_no_longer, name="unshare"),
    path("money/agreements/<int:agreement_id>/lines/", agreements.add_line, name="add_line"),
    path("money/purchase-orders/", purchase_orders.purchase_orders, name="purchase_orders"),
    path("money/purchase-orders/new/", purchase_orders.new_purchase_order, name="new_purchase_order"),
    path("money/purchase-orders/<int:order_id>/", purchase_orders.purchase_order, name="purchase_order"),
    path("money/purchase-orders/<int:order_id>/edit/", purchase_orders.edit, name="edit_purchase_order"),
    path("money/purchase-orders/<int:order_id>/file/", purchase_orders.file, name="purchase_order_file"),
    path("money/payers/", parties.payers, name="payers"),
    path("money/payers/<int:payer_id>/", parties.edit_payer, name="edit_payer"),
    path("money/payees/", parties.payees, name="payees"),
    path("money/payees/new/", parties.new_payee, name="new_payee"),
    path("money/payees/<int:payee_id>/", parties.edit_payee, name="edit_payee"),
]
