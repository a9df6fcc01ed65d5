"""A strict client that somebody else wrote judges our fake Telegram: it must take every answer as the real server's.

Called as: telegram_client.py BOT_API_URL TOKEN CONTROL_URL HOOK_URL. Prints one line per judgement; a wrong answer raises.
"""

import asyncio
import io
import sys

import httpx
import telegram
from telegram.error import BadRequest, Conflict, Forbidden, InvalidToken, NetworkError, RetryAfter
from telegram.request import HTTPXRequest

API, TOKEN, CONTROL, HOOK = sys.argv[1:5]
CLIENT = 500


def control(**command):
    answer = httpx.post(CONTROL, json=command)
    answer.raise_for_status()
    return answer.json()


def bot(token=TOKEN):
    return telegram.Bot(
        token,
        base_url=f"{API}/bot",
        base_file_url=f"{API}/file/bot",
        request=HTTPXRequest(),
        get_updates_request=HTTPXRequest(),
    )


async def refused(kind, call, words):
    try:
        await call
    except kind as error:
        assert words.lower() in str(error).lower(), f"{error!r} does not say {words!r}"
        print("ok", kind.__name__, error)
        return error
    raise AssertionError(f"{kind.__name__} expected")


async def sends(api):
    message = await api.send_message(CLIENT, "Добрый день", reply_markup=telegram.InlineKeyboardMarkup(
        [[telegram.InlineKeyboardButton("Да", callback_data="yes")]]))
    assert message.text == "Добрый день" and message.chat.id == CLIENT and message.from_user.is_bot
    document = await api.send_document(CLIENT, io.BytesIO(b"paper"), filename="счёт.txt", caption="вот")
    assert document.document.file_size == 5 and document.caption == "вот", document
    photo = await api.send_photo(CLIENT, io.BytesIO(b"\x89PNG-picture"), caption="1")
    assert len(photo.photo) == 2 and photo.caption == "1", photo
    again = await api.send_document(CLIENT, document.document.file_id)
    assert again.document.file_id == document.document.file_id
    file = await api.get_file(document.document.file_id)
    assert bytes(await file.download_as_bytearray()) == b"paper"
    print("ok sends")


async def updates(api):
    control(do="says", id=CLIENT, text="раз")
    control(do="document", id=CLIENT, text="два.txt")
    control(do="press", id=CLIENT, text="yes")
    said, document, press = await api.get_updates(timeout=5)
    assert said.message.text == "раз" and said.message.chat.type == "private"
    assert document.message.document.file_name == "два.txt"
    assert press.callback_query.data == "yes"
    assert await press.callback_query.answer()
    await refused(BadRequest, press.callback_query.answer(), "query is too old")
    again = await api.get_updates()
    assert [u.update_id for u in again] == [said.update_id, document.update_id, press.update_id]
    assert await api.get_updates(offset=press.update_id + 1) == ()
    other = bot()
    async with other:
        first = asyncio.create_task(api.get_updates(timeout=20))
        while not first.done():
            await other.get_updates(timeout=0)
            await asyncio.sleep(0.05)
        await refused(Conflict, first, "terminated by other getUpdates request")
    print("ok updates")


async def webhook(api):
    assert await api.set_webhook(HOOK, secret_token="s3cret-_", max_connections=40, allowed_updates=["message"])
    info = await api.get_webhook_info()
    assert info.url == HOOK and info.pending_update_count == 0
    await refused(Conflict, api.get_updates(), "webhook is active")
    await refused(BadRequest, api.set_webhook("http://fern.example/hook"), "HTTPS URL must be provided")
    await refused(BadRequest, api.set_webhook(HOOK, secret_token="no spaces"), "unallowed characters")
    control(do="says", id=CLIENT, text="через вебхук")
    while (await api.get_webhook_info()).pending_update_count:
        await asyncio.sleep(0.05)
    assert await api.delete_webhook()
    assert (await api.get_webhook_info()).url == ""
    print("ok webhook")


async def refusals(api):
    await refused(BadRequest, api.send_message(CLIENT, "x" * 4097), "message is too long")
    await refused(BadRequest, api.send_message(CLIENT, " "), "text is empty")
    await refused(BadRequest, api.send_message(999, "кто здесь"), "chat not found")
    await refused(BadRequest, api.send_document(CLIENT, "FILE-nobody"), "no document")
    button = telegram.InlineKeyboardButton("Да", callback_data="y" * 65)
    await refused(BadRequest, api.send_message(CLIENT, "?", reply_markup=telegram.InlineKeyboardMarkup([[button]])),
                  "button_data_invalid")
    control(do="fault", method="sendMessage", fault={"kind": "fail_after_accept"})
    await refused(NetworkError, api.send_message(CLIENT, "дошло и упало"), "Internal Server Error")
    control(do="fault", method="sendMessage", fault={"kind": "reset_after_accept"})
    await refused(NetworkError, api.send_message(CLIENT, "дошло и оборвалось"), "")
    control(do="flood", seconds=2)
    limit = await refused(RetryAfter, api.send_message(CLIENT, "рано"), "Retry in 2")
    assert limit._retry_after.total_seconds() == 2, limit
    await asyncio.sleep(limit._retry_after.total_seconds())
    await api.send_message(CLIENT, "в срок")
    control(do="block", id=CLIENT)
    await refused(Forbidden, api.send_message(CLIENT, "ау"), "bot was blocked by the user")
    lines = {line["params"].get("text"): line for line in control(do="ledger") if line["method"] == "sendMessage"}
    assert lines["дошло и упало"]["accepted"] and lines["дошло и оборвалось"]["accepted"]
    assert not lines["рано"]["accepted"] and lines["в срок"]["accepted"] and not lines["ау"]["accepted"]
    print("ok refusals")


async def main():
    control(do="person", id=CLIENT, text="Нина")
    api = bot()
    async with api:
        assert (await api.get_me()).is_bot
        await sends(api)
        await updates(api)
        await webhook(api)
        await refusals(api)
    stranger = bot("111:AAF4keTokenOfNobody_0123456789_abcd")
    await refused(InvalidToken, stranger.initialize(), "rejected by the server")
    print("accepted by python-telegram-bot", telegram.__version__)


asyncio.run(main())
