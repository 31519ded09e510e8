from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("accounts", "0002_first_terms")]
    operations = [
        migrations.AlterField(
            model_name="user",
            name="language",
            field=models.CharField(
                choices=[("en", "English"), ("fr", "French"), ("ar", "Arabic")],
                default="en",
                max_length=8,
                verbose_name="language",
            ),
        ),
    ]
