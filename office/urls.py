from django.urls import path

from office.views import jobs, mail

app_name = "office"
urlpatterns = [
    path("staff/mail/", mail.mail, name="mail"),
    path("staff/mail/<int:message_id>/", mail.message, name="message"),
    path("staff/mail/<int:message_id>/html/", mail.message_html, name="message_html"),
    path("staff/mail/<int:message_id>/attachments/<int:attachment_id>/", mail.attachment, name="attachment"),
    path("staff/mail/<int:message_id>/send-again/", mail.send_again, name="send_again"),
    path("staff/jobs/", jobs.jobs, name="jobs"),
    path("staff/jobs/<int:job_id>/try-again/", jobs.try_again, name="try_job_again"),
]
