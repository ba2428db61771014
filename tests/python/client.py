"""A client in one file, written from PROTOCOL.md alone: signs in, walks to the nearest berry, and picks it up."""
import argparse, base64, hashlib, html, http.client, json, os, random, re, sys, time
from urllib.parse import parse_qsl, urlencode, urljoin, urlsplit
HELLO, ACT, APPLIED, PING, LEAVE, MOVE, PICK_UP = b"\0", b"\1", b"\2", b"\3", b"\5", b"\1", b"\4"
POSITION, ITEM, CARRIED, BERRY, BUSY, RATE_LIMITED, OWN = 1, 4, 5, 1, 16, 17, -1  # OWN: as if it were a chunk.
VERDICTS = {0: "accepted", 258: "blocked", 259: "occupied", 1025: "not_there"}  # After any other we give up.

def fetch(url, body=None, expect=200, kind="application/x-www-form-urlencoded", **headers):
    connection, path = http.client.HTTPConnection(urlsplit(url).netloc, timeout=10), "/" + url.split("/", 3)[3]
    connection.request("POST" if body else "GET", path, body, {"Content-Type": kind, **headers})
    answer = connection.getresponse()
    if answer.status != expect: sys.exit(f"{url} answers {answer.status}: {answer.read(300)}")
    return answer.read(1 << 20), answer.headers, connection

def sign_in(issuer, client_id, scope, provider, redirect_uri, person):  # With PKCE, on the page that people see.
    there = provider or json.loads(fetch(issuer + "/.well-known/openid-configuration")[0])
    verifier, state = (base64.urlsafe_b64encode(os.urandom(33)).decode() for _ in range(2))
    challenge = base64.urlsafe_b64encode(hashlib.sha256(verifier.encode()).digest()).decode().rstrip("=")
    client, sha = {"client_id": client_id, "redirect_uri": redirect_uri}, {"code_challenge_method": "S256"}
    asked = {**client, **sha, "response_type": "code", "scope": scope, "state": state, "code_challenge": challenge}
    page = there["authorization_endpoint"] + "?" + urlencode(asked)
    form = next(form for form in fetch(page)[0].decode().split("<form") if 'name="name"' in form)
    fields = {name: html.unescape(value) for name, value in re.findall(r'name="(\w+)" value="([^"]*)"', form)}
    action = urljoin(page, re.search(r'action="([^"]*)"', form)[1])
    answer = dict(parse_qsl(urlsplit(fetch(action, urlencode({**fields, "name": person}), 303)[1]["Location"]).query))
    if (answer.get("state"), answer.get("iss")) != (state, issuer): sys.exit(f"Not the sign-in's answer: {answer}")
    code = {"grant_type": "authorization_code", "code": answer["code"], "code_verifier": verifier}
    return json.loads(fetch(there["token_endpoint"], urlencode({**client, **code}))[0])["access_token"]

def number(value): return bytes([value]) if value < 128 else bytes([value & 127 | 128]) + number(value >> 7)
class Reader:
    def __init__(self, data): self.data, self.at = data, 0
    def take(self, size):
        self.at += size
        return self.data[self.at - size:self.at] if self.at <= len(self.data) else sys.exit("The bytes end too early")
    def number(self, bits=64):
        byte = self.take(1)[0] if bits > 0 else sys.exit("A number is too long")
        value = byte if byte < 128 else byte & 127 | self.number(bits - 7) << 7
        return value if value < 1 << bits else sys.exit("A number is beyond its type")
    def flag(self): return {b"\0": False, b"\1": True}[self.take(1)]
    def blob(self): return self.take(self.number())
    def pair(self, bits=64): return self.number(), self.number(bits)
    def list(self, read): return [read() for _ in range(self.number())]
    def option(self, read): return read() if self.flag() else None
    def entity(self): return self.number(), self.flag(), dict(self.list(lambda: (self.number(16), self.blob())))
    def frame(self):
        start, verdicts = self.option(self.pair), self.list(lambda: (self.pair(32), self.number(16), self.take(4)))
        _replies, lost = self.list(lambda: (self.number(), self.blob())), self.list(self.number)
        rosters = {**dict(self.list(lambda: (self.number(), self.list(self.number)))), **dict.fromkeys(lost, ())}
        writes = self.list(lambda: (self.number(), self.list(self.entity)))
        rosters.update(self.option(lambda: {OWN: self.list(self.number)}) or {})
        writes.append((OWN, self.list(self.entity)))
        _hashes, token = self.list(lambda: self.pair(32)), self.option(self.pair)
        return (start, verdicts, rosters, writes, token) if self.at == len(self.data) else sys.exit("Too many bytes")

class Session:
    def __init__(self, address, build, token, character):
        key = base64.b64encode(os.urandom(16)).decode()
        upgrade = {"Upgrade": "websocket", "Sec-WebSocket-Version": "13", "Sec-WebSocket-Key": key}
        _, headers, connection = fetch(address, None, 101, Connection="Upgrade", **upgrade)
        proof = hashlib.sha1((key + "258EAFA5-E914-47DA-95CA-C5AB0DC85B11").encode()).digest()
        if headers["Sec-WebSocket-Accept"] != base64.b64encode(proof).decode(): sys.exit("That is no WebSocket")
        self.tcp, self.stream = connection.sock, connection.sock.makefile("rb")
        self.things, self.holds, self.pieces, self.answers = {}, None, [], {}
        self.send(HELLO + bytes.fromhex(build) + number(len(token)) + token.encode() + number(character) + b"\0\0\0")
        while not self.holds: self.receive()
    def send(self, data, opcode=2):
        mask, size = os.urandom(4), len(data)
        head = bytes([128 | opcode, 128 | min(size, 126)]) + (size.to_bytes(2, "big") if size > 125 else b"") + mask
        self.tcp.sendall(head + bytes(byte ^ mask[at % 4] for at, byte in enumerate(data)))
    def receive(self):  # One message, which is one of WebSocket's: that may come in several frames, with pings between.
        data, first = b"", 0
        while first not in (0x80, 0x82):
            first, size = self.stream.read(2) or (0x88, 0)
            if size > 125: size = int.from_bytes(self.stream.read(2 if size == 126 else 8), "big")
            more = self.stream.read(size) if len(data) + size <= 256 << 10 else sys.exit("The message is too large")
            if first == 0x88 and not more or len(more) < size: raise ConnectionError("The connection is lost")
            if first == 0x88: sys.exit(0 if more[:2] == b"\x03\xe8" else f"The server ends it: {more[2:].decode()}")
            if first == 0x89: self.send(more, 10)
            if first & 15 < 3: data += more
        message, kind = Reader(data[1:]), data[0]
        if kind == 0 and message.number(16) in (25, 27, 28, 29): raise ConnectionError("Not here")  # Perhaps elsewhere.
        if kind == 1: _, self.epoch, _, self.me, self.seq = (message.number() for _ in range(5))
        if kind == 2: self.apply(*message.frame())
        if kind == 3: self.answers.update([(message.pair(32), (message.number(16), message.number(32), None))])
        if kind == 4: self.send(PING)  # Paused: what was asked for waits, and we are still here.
    def apply(self, start, verdicts, rosters, writes, token):
        self.pieces.append((verdicts, rosters, writes))
        if not token: return  # The last piece has it, and only then all of them count.
        if start not in (None, self.holds): sys.exit("The copy has diverged")
        if not start: self.things = {}  # By (whether it is in the own set, id): the chunk, and the parts by their tags.
        for _, rosters, _ in self.pieces:
            self.things = {key: at for key, at in self.things.items() if key[1] in rosters.get(at[0], key[1:])}
        for chunk, entities in (write for _, _, writes in self.pieces for write in writes):
            for id, whole, parts in entities:
                if whole: self.things[chunk == OWN, id] = chunk, {}
                self.things[chunk == OWN, id][1].update(parts)
        self.answers.update({name: (code, 0, detail) for piece in self.pieces for name, code, detail in piece[0]})
        self.pieces, self.holds = [], (self.epoch, token[0])
        self.send(APPLIED + number(token[0]))
    def act(self, what, action):  # The verdict's detail, where the verdict is a yes. One at a time, so all is in order.
        self.seq, nonce, code = self.seq + 1, int.from_bytes(os.urandom(4), "big"), BUSY
        while code in (BUSY, RATE_LIMITED):
            self.send(ACT + number(self.seq) + number(nonce) + number(len(action)) + action)
            while (self.seq, nonce) not in self.answers: self.receive()
            code, wait_ms, detail = self.answers.pop((self.seq, nonce))
            time.sleep(wait_ms / 1000)
        print(f"{what}: {VERDICTS.get(code) or sys.exit(f'{what}: the answer is code {code}')}")
        return detail if code == 0 else None
    def parts(self, tag, own=False):
        return {id: Reader(has[tag]) for (mine, id), (_, has) in self.things.items() if mine == own and tag in has}

def way_to_a_berry(here, berries, free):  # The nearest one on foot, and the first step there, if it takes one.
    first, queue = {here: None}, [here]
    for x, y in queue:
        for tile in ((x + east, y + south) for east in (-1, 0, 1) for south in (-1, 0, 1)):
            if tile in berries: return tile, first[x, y]
            if tile not in first and free(tile): first[tile] = first[x, y] or tile; queue.append(tile)
    sys.exit("There is no berry in sight that one can walk to")

def pick_a_berry(session, ground):  # Its place in the bag.
    width = int.from_bytes(ground[:2], "little")
    firm = {(at % width, at // width) for at, tile in enumerate(ground[4:]) if tile & 0x80}
    refused = {}  # When we last could not step onto a tile: for ten steps we try elsewhere, for it may be somebody.
    for step in range(500):
        free = lambda tile: tile in firm and step - refused.get(tile, -10) >= 10
        tiles = {id: (at.number(16), at.number(16)) for id, at in session.parts(POSITION).items()}
        berries = {tiles[id]: id for id, kind in session.parts(ITEM).items() if kind.number(16) == BERRY}
        berry, to = way_to_a_berry(tiles[session.me], berries, free)
        if to and not session.act(f"step to {to}", MOVE + number(to[0]) + number(to[1])): refused[to] = step
        detail = not to and session.act(f"pick up berry {berries[berry]}", PICK_UP + number(berries[berry]))
        slots = [slot.take(1)[0] for slot in session.parts(CARRIED, own=True).values()]
        if detail: return detail[0] if detail[0] in slots else sys.exit("The berry is not in the bag")
    sys.exit("No berry was reached in 500 steps")

if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    for flag in ("--url", "--name"): parser.add_argument(flag, required=True)
    world = json.loads(fetch((asked := parser.parse_args()).url + "/api/world")[0])
    token = sign_in(**world["sign_in"], redirect_uri=asked.url + "/", person=asked.name)
    wanted, bearer = json.dumps({"name": asked.name, "archetype": "villager"}), "Bearer " + token
    made = fetch(asked.url + "/api/characters", wanted, 201, "application/json", Authorization=bearer)[0]
    who, ground = int(json.loads(made)["id"]), fetch(asked.url + world["content"]["terrain"])[0]
    for address in list(dict.fromkeys([f"ws{asked.url[4:]}/ws", *world["addresses"]])) * 100:  # All servers, in turn.
        try:
            session = Session(address, world["build"], token, who)
            print(f"in the bag, at place {pick_a_berry(session, ground)}: a berry")
            session.send(LEAVE)
            while True: session.receive()  # Until the server has closed the connection, which ends this.
        except OSError as why: print(f"{address}: {why}", file=sys.stderr); time.sleep(random.random() / 4)
