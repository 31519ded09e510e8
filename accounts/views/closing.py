"""Close one's account."""

from allauth.account.decorators import reauthentication_required
from django.contrib.auth import logout
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_safe

from accounts import services
from accounts.adapter import address_of
from accounts.errors import ClosingBlocked


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
@reauthentication_required
def close(request: HttpRequest) -> HttpResponse:
    """What happens when the account is closed, what must be settled first, and the button (Rules 1, point 6)."""
    status = 200
    if request.method == "POST":
        try:
            services.close_account(user=request.user, actor=request.user, address=address_of(request))
        except ClosingBlocked as error:
            status = error.status
        else:
            logout(request)
            return redirect("accounts:closed")
    obstacles = services.closing_obstacles(request.user)
    return render(request, "accounts/close.html", {"obstacles": obstacles}, status=status)


@require_safe
def closed(request: HttpRequest) -> HttpResponse:
    return render(request, "accounts/closed.html")
