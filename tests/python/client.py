#!/usr/bin/env python3
"""A client in one file, written from PROTOCOL.md alone: signs in, walks to the nearest berry, and picks it up."""
import argparse, base64, hashlib, html, http.client, json, os, re, sys, time
from urllib.parse import parse_qsl, urlencode, urljoin, urlsplit

HELLO, ACT, APPLIED, PING, LEAVE, MOVE, PICK_UP = b"\0", b"\1", b"\2", b"\3", b"\5", b"\1", b"\4"
POSITION, ITEM, CARRIED, BERRY = 1, 4, 5, 1
VERDICTS = {0: "accepted", 257: "not_adjacent", 258: "blocked", 259: "occupied", 1025: "not_there", 1027: "bag_full"}
BUSY, RATE_LIMITED = 16, 17
OWN = -1  # The own set is kept like a chunk, under a number that no chunk has.

def fetch(url, body=None, expect=200, kind="application/x-www-form-urlencoded", **headers):
    there = urlsplit(url)
    connection = http.client.HTTPConnection(there.netloc, timeout=10)
    target = there.path + ("?" + there.query if there.query else "")
    connection.request("POST" if body else "GET", target, body, {"Content-Type": kind, **headers})
    answer = connection.getresponse()
    text = answer.read(1 << 20).decode()
    return (text, answer.headers, connection) if answer.status == expect else sys.exit(f"{url}: {answer.status} {text}")

def sign_in(issuer, client_id, scope, redirect_uri, person):
    """An authorization code with PKCE, for which the name is typed into the sign-in's page, as a person would."""
    there = json.loads(fetch(issuer + "/.well-known/openid-configuration")[0])
    verifier, state = (base64.urlsafe_b64encode(os.urandom(33)).decode() for _ in range(2))
    challenge = base64.urlsafe_b64encode(hashlib.sha256(verifier.encode()).digest()).decode().rstrip("=")
    client = {"client_id": client_id, "redirect_uri": redirect_uri}
    asked = {"response_type": "code", "scope": scope, "state": state, "code_challenge_method": "S256"}
    page = there["authorization_endpoint"] + "?" + urlencode({**client, **asked, "code_challenge": challenge})
    form = next(form for form in fetch(page)[0].split("<form") if 'name="name"' in form)
    fields = {name: html.unescape(value) for name, value in re.findall(r'name="(\w+)" value="([^"]*)"', form)}
    action = urljoin(page, re.search(r'action="([^"]*)"', form)[1])
    back = fetch(action, urlencode({**fields, "name": person}), 303)[1]["Location"]
    answer = dict(parse_qsl(urlsplit(back).query))
    if answer.get("state") != state or answer.get("iss") != issuer: sys.exit(f"Not the sign-in's answer: {back}")
    code = {"grant_type": "authorization_code", "code": answer["code"], "code_verifier": verifier}
    return json.loads(fetch(there["token_endpoint"], urlencode({**client, **code}))[0])["access_token"]

def find_character(url, token, name):
    url, bearer, asked = url + "/api/characters", "Bearer " + token, json.dumps({"name": name, "archetype": "villager"})
    for character in json.loads(fetch(url, Authorization=bearer)[0])["characters"]:
        if character["name"] == name: return int(character["id"])
    return int(json.loads(fetch(url, asked, 201, "application/json", Authorization=bearer)[0])["id"])

def number(value): return bytes([value]) if value < 128 else bytes([value & 127 | 128]) + number(value >> 7)

class Reader:
    """Reads values off bytes, and refuses what is none."""
    def __init__(self, data): self.data, self.at = data, 0
    def take(self, size):
        self.at += size
        return self.data[self.at - size:self.at] if self.at <= len(self.data) else sys.exit("The bytes end too early")
    def number(self, bits=64):
        value = 0
        for shift in range(0, bits, 7):
            byte = self.take(1)[0]
            value |= (byte & 127) << shift
            if byte < 128: break
        return value if byte < 128 and value < 1 << bits else sys.exit("A number is beyond its type")
    def flag(self): return {b"\0": False, b"\1": True}[self.take(1)]
    def blob(self): return self.take(self.number())
    def pair(self, bits=64): return self.number(), self.number(bits)
    def list(self, read): return [read() for _ in range(self.number())]
    def option(self, read): return read() if self.flag() else None
    def end(self, value): return value if self.at == len(self.data) else sys.exit("Bytes are left over")
    def entity(self): return self.number(), self.flag(), dict(self.list(lambda: (self.number(16), self.blob())))
    def frame(self):
        start, verdicts = self.option(self.pair), self.list(lambda: (self.pair(32), self.number(16), self.take(4)))
        _replies, lost = self.list(lambda: (self.number(), self.blob())), self.list(self.number)
        rosters = dict(self.list(lambda: (self.number(), self.list(self.number))))
        writes = self.list(lambda: (self.number(), self.list(self.entity)))
        own_roster, own = self.option(lambda: self.list(self.number)), self.list(self.entity)
        if own_roster is not None: rosters[OWN] = own_roster
        _hashes, token = self.list(lambda: self.pair(32)), self.option(self.pair)
        return self.end((start, verdicts, lost, rosters, writes + [(OWN, own)], token))

class Session:
    def __init__(self, url, token, character):
        build, key = json.loads(fetch(url + "/api/build")[0])["build"], base64.b64encode(os.urandom(16)).decode()
        upgrade = {"Upgrade": "websocket", "Sec-WebSocket-Version": "13", "Sec-WebSocket-Key": key}
        _, headers, connection = fetch(url + "/ws", None, 101, Connection="Upgrade", **upgrade)
        proof = hashlib.sha1((key + "258EAFA5-E914-47DA-95CA-C5AB0DC85B11").encode()).digest()
        if headers["Sec-WebSocket-Accept"] != base64.b64encode(proof).decode(): sys.exit("That is no WebSocket")
        self.tcp, self.stream = connection.sock, connection.sock.makefile("rb")
        self.things, self.holds, self.pieces, self.answers = {}, None, [], {}
        self.send(HELLO + bytes.fromhex(build) + number(len(token)) + token.encode() + number(character) + b"\0\0\0")
        while not self.holds: self.receive()
    def send(self, data, opcode=2):
        mask, size = os.urandom(4), len(data)
        length = bytes([128 | size]) if size < 126 else b"\xfe" + size.to_bytes(2, "big")
        self.tcp.sendall(bytes([128 | opcode]) + length + mask + bytes(b ^ mask[i % 4] for i, b in enumerate(data)))
    def receive(self):
        """Takes one message, which is one WebSocket message, which may come in several frames and with pings between."""
        data, first = b"", 0
        while first not in (0x80, 0x82):
            first, size = self.stream.read(2) or sys.exit("The connection is lost")
            if size > 125: size = int.from_bytes(self.stream.read(2 if size == 126 else 8), "big")
            more = self.stream.read(size) if len(data) + size <= 256 << 10 else sys.exit("The message is too large")
            if first == 0x88: sys.exit(0 if more[:2] == b"\x03\xe8" else f"The server ends it: {more[2:].decode()}")
            if first == 0x89: self.send(more, 10)
            if first & 15 < 3: data += more
        message, kind = Reader(data[1:]), data[0]
        if kind == 1: _, self.epoch, _, self.me, self.seq = (message.number() for _ in range(5))
        if kind == 2: self.pieces.append(message.frame())
        if kind == 2 and self.pieces[-1][-1]: self.apply(self.pieces)
        if kind == 3: self.answers[message.pair(32)] = message.number(16), None, message.number(32)
        if kind == 4: self.send(PING)  # Paused: what was asked for waits, and we are still here.
    def apply(self, pieces):
        """Takes a frame into `things`: by (whether it is in the own set, id), the chunk and the parts of each."""
        if pieces[0][0] is None: self.things = {}
        elif pieces[0][0] != self.holds: sys.exit("The copy has diverged")
        for _, _, lost, rosters, _, _ in pieces:
            self.things = {key: (chunk, parts) for key, (chunk, parts) in self.things.items()
                           if chunk not in lost and key[1] in rosters.get(chunk, key[1:])}
        for chunk, entities in (write for piece in pieces for write in piece[4]):
            for id, whole, parts in entities:
                if whole: self.things[chunk == OWN, id] = chunk, {}
                self.things[chunk == OWN, id][1].update(parts)
        self.answers.update({name: (code, detail, 0) for piece in pieces for name, code, detail in piece[1]})
        self.pieces, self.holds = [], (self.epoch, pieces[-1][-1][0])
        self.send(APPLIED + number(self.holds[1]))
    def act(self, action):
        """Asks for one thing, and waits until it is decided: a code, and what the verdict says besides."""
        self.seq, nonce = self.seq + 1, int.from_bytes(os.urandom(4), "big")
        while True:
            self.send(ACT + number(self.seq) + number(nonce) + number(len(action)) + action)
            while (self.seq, nonce) not in self.answers: self.receive()
            code, detail, wait_ms = self.answers.pop((self.seq, nonce))
            if detail: return code, detail
            time.sleep(wait_ms / 1000 if code in (BUSY, RATE_LIMITED) else sys.exit(f"Refused with code {code}"))
    def items(self, own):
        """Berries: by id, in the bag where each is in it, on the ground where it lies."""
        found = {id: parts for (is_own, id), (_, parts) in self.things.items() if is_own == own and ITEM in parts}
        return {id: parts for id, parts in found.items() if Reader(parts[ITEM]).number(16) == BERRY}
    def tile(self, id):
        position = Reader(self.things[False, id][1][POSITION])
        return position.number(16), position.number(16)

def pick_a_berry(session):
    """Walks to a berry. What is in the way one learns by walking into it, and how far a tile is by having been there."""
    distance = lambda a, b: max(abs(a[0] - b[0]), abs(a[1] - b[1]))
    walls, learned, code = set(), {}, None
    for _ in range(500):
        here, berries = session.tile(session.me), {session.tile(id): id for id in session.items(own=False)}
        away = lambda tile: max(learned.get(tile, 0), min(distance(tile, berry) for berry in berries))
        near = min(berries, key=lambda tile: distance(tile, here), default=None) or sys.exit("There is no berry in sight")
        if code is None: print(f"at {here}, the nearest berry at {near}")
        if distance(here, near) < 2:
            code, detail = session.act(PICK_UP + number(berries[near]))
            print(f"pick up berry {berries[near]}: {VERDICTS.get(code, code)}")
            if code == 0: return int.from_bytes(detail[:2], "little")
        around = [(here[0] + i % 3 - 1, here[1] + i // 3 - 1) for i in range(9)]
        to = min((tile for tile in around if tile not in walls and tile != here and min(tile) >= 0), key=away)
        learned[here] = away(to) + 1
        code, _ = session.act(MOVE + number(to[0]) + number(to[1]))
        print(f"step to {to}: {VERDICTS.get(code, code)}")
        if code: walls.add(to)
    sys.exit("No berry could be reached in 500 steps")

def main():
    parser = argparse.ArgumentParser(description=__doc__)
    for flag in ("url", "name", "issuer", "client-id", "redirect-uri", "token"): parser.add_argument("--" + flag)
    asked = parser.parse_args()
    told = {"issuer": asked.issuer, "client_id": asked.client_id, "scope": "openid play"}
    if not asked.issuer and not asked.token: told = json.loads(fetch(asked.url + "/api/world")[0])["sign_in"]
    token = asked.token or sign_in(**told, redirect_uri=asked.redirect_uri or asked.url + "/", person=asked.name)
    print(f"signed in as {asked.name}")
    session = Session(asked.url, token, find_character(asked.url, token, asked.name))
    print(f"welcome, character {session.me}: {len(session.things)} entities in sight")
    place = pick_a_berry(session)
    bag = [Reader(parts[CARRIED]).take(1)[0] for parts in session.items(own=True).values()]
    print(f"in the bag, at place {place}: a berry" if place in bag else sys.exit("The berry is not in the bag"))
    session.send(LEAVE)
    while True: session.receive()  # Until the server closes the connection, which ends this.

if __name__ == "__main__": main()
