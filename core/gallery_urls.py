from django.urls import path

from core.gallery import gallery

urlpatterns = [path("", gallery, name="gallery")]
