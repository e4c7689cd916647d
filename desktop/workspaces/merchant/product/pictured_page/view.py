"""A page about one product that shows its picture, and opens it large."""

from desktop.ui import tasks
from desktop.ui.binding import connect
from desktop.ui.sheet import present
from desktop.workspaces.merchant.parts.page.view import Page
from desktop.workspaces.merchant.product.large_picture.view import LargePicture
from desktop.workspaces.merchant.product.large_picture.view_model import LargePictureViewModel
from desktop.workspaces.merchant.product.picture.view import PictureCard
from desktop.workspaces.merchant.product.view_model import ProductViewModel


class PicturedPage(Page):
    """Base of the product page: the card with the picture, and what can be done with it."""

    def __init__(self, view_model: ProductViewModel) -> None:
        super().__init__("", can_go_back=True)
        self._vm = view_model
        view_model.setParent(self)
        self._picture = PictureCard()
        connect(self._picture.chosen, view_model.set_picture)
        connect(self._picture.opened, self._open_picture)

    @property
    def has_picture(self) -> bool:
        """Whether there is a picture to look at."""
        return self._vm.picture is not None

    def choose_picture(self) -> None:
        """Choose another picture."""
        self._picture.choose(self)

    async def show_picture(self) -> None:
        """Show the picture as large as the window allows."""
        media = self._vm.picture
        if media is not None:
            view_model = LargePictureViewModel(self._vm.office.desk, media)
            await present(LargePicture(self, self._vm.loaded.product.title, view_model))

    def _show_media(self, name: str) -> None:
        """Show the small picture on its card."""
        media = self._vm.picture
        self._picture.show_picture(name, None if media is None else media.thumbnail)

    def _open_picture(self) -> None:
        tasks.latest(self, "picture", self.show_picture())
