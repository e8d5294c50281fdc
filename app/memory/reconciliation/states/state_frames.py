"""The frames by which English tells a state of a person, by topic: rows of the language of `frame_patterns`.

`holds` are frames of the present that say what somebody's one home, employer or bank is; `has` those that
also fit beside another ("owns a flat in Bath"); `begins` those that tell that a new state has begun.
"""

from collections.abc import Mapping
from enum import StrEnum

from app.memory.reconciliation.states.frame_patterns import Frame, compile_frame, index_frames


class Hold(StrEnum):
    """How firmly a sentence says that a value is the one: see the module."""

    HOLDS = "holds"
    HAS = "has"
    BEGINS = "begins"


_FRAMES: Mapping[tuple[str, Hold], str] = {
    ("residence", Hold.HOLDS): """
        live! .. <in>
        reside! .. <in>
        dwell! .. <in>
        lodge! .. <in>
        rent|rents|renting .. <dwelling> <in>
        lease|leases|leasing .. <dwelling> <in>
        share|shares|sharing .. <dwelling> <in>
        have! ~ lived|resided|settled ~ <in>
        based out of
        based|settled|stuck|domiciled|resident|installed|ensconced <in>
        at home <in>
        <dwelling> be! .. <in>
        home be! .. <in>? V
        V be! home
        V be! now|again|really home
        call! V home
        call! home V
        homeowner|homeowners|tenant|tenants <in>
        residence|address|base be! .. <in>? V
        be! still <in>
        roots <in>
    """,
    ("residence", Hold.HAS): """
        own! .. <dwelling> <in>
        have! .. <dwelling> of .. own <in>
        have! .. <dwelling> <in>
        's <kind>? <kind>? <dwelling> <in>
        be! ~ in
    """,
    ("residence", Hold.BEGINS): """
        move!! ~ to|into|onto
        relocate!! ~ to|into
        resettle!! ~ <in>
        settle!! ~ <in>
        put!! .. roots <in>
        downsize!!|upsize!! to
        emigrate!!|immigrate!! ~ to
        buy!!|get!!|find!!|rented|take!!|purchase!! .. <dwelling> <in>
        keys to|for|of .. <dwelling> <in>
        make!! V .. home
        end!! up living? <in>
        back <in> V for good|permanently
        back to V for good|permanently
        return!! to V for good|permanently
        return!! to live <in>
        make!! the move to
        land!! <in> V for good|permanently
        upped sticks ~ to
        move!!|settle!! H into|to
        transfer!!|move!!|send!! H to <a>? V office|branch|site|plant|headquarters
        transferred|posted|relocated ~ to V
        transferred|moved to <a>? V office|branch|site|plant|headquarters
        leave!! OLD for
        swap!! OLD for
        trade!! OLD for
        exchange!! OLD for
        give!! up OLD for
        new <dwelling> be! .. <in>
    """,
    ("office", Hold.HOLDS): """
        based <in> .. V office|branch|site|plant|headquarters|depot
        work! <in> .. V office|branch|site|plant|headquarters|depot
        office|desk be! .. <in>
    """,
    ("office", Hold.BEGINS): """
        transfer!!|move!!|send!! H to <a>? V office|branch|site|plant|headquarters|depot
        transferred|moved to <a>? V office|branch|site|plant|headquarters|depot
    """,
    ("employer", Hold.HOLDS): """
        work! ~ at|for
        work! as .. at|for|with
        employed ~ at|by|with
        payroll of|at
        on V 's payroll
        employer|workplace|company|firm be! .. at|with|called? V
        be!|become!!|as .. <role> at|for|with
        be!|become!! .. <role> of
        intern! at|with
        under contract with|to|at
        <post> be! at|with
        drive! .. lorry|truck|van|bus|taxi|trucks|lorries for
        do! .. payroll|accounts|admin|marketing|sales|hr|it|reception at|for
        have! .. <post> at|with
        have! ~ worked ~ at|for
        teach! .. at
        in the service of
    """,
    ("employer", Hold.HAS): """
        be! with V as
        be! ~ at|with V since
    """,
    ("employer", Hold.BEGINS): """
        start!!|begin!! ~ at|with
        start!!|begin!! .. <post> .. at|with
        start!!|begin!! as .. at|with|for
        join!! V
        new|first <post> at|with
        new|first <post> be! at|with
        V hire!!|recruit!!|employ!!|poach!!|headhunt!! H
        V take!! H on
        V take!! on H
        V offer!! H .. <post>
        V give!! H .. <post>
        hired|recruited|poached|headhunted by|at
        taken on by|at
        get!!|land!!|find!!|accept!!|take!!|secure!! .. <post> .. at|with|from
        sign!! .. with|for V
        go!! to work for|at
        first day|week|month|shift at|with
        new employer|company be! V
        move!!|switch!!|transfer!! to V as
        leave!! OLD for
        swap!! OLD for
        trade!! OLD for
    """,
    ("school", Hold.HOLDS): """
        study! .. at
        have! ~ studied at
        student|pupil|undergraduate|postgraduate|postgrad|fresher at
        attend! V
        go! to school|university|college|uni <in>
        enrolled at|in
        be! at school|university|college|uni <in>
        phd|master's|degree|bachelor's|doctorate at
    """,
    ("school", Hold.BEGINS): """
        enrol!!|enroll!! at|in
        start!! .. school|university|college|uni at|in
        accepted at|to|by
        get!! .. place at
        new school|university|college be! V
        change!!|switch!!|transfer!! .. schools|school|university|universities to
        transfer!! to
        start!! at
    """,
    ("field_of_study", Hold.HOLDS): """
        study|studies|studying V
        major! in
        degree|phd|doctorate|master's|bachelor's in
        field|major|subject be! V
    """,
    ("field_of_study", Hold.BEGINS): """
        switch!!|change!! .. major|degree|course|subject|studies .. to
        switch!!|change!! .. from OLD to V
        switch!!|change!! to studying
        switch!!|change!!|transfer!!|swap!! ~ to V
    """,
    ("bank", Hold.HOLDS): """
        bank|banks|banking with|at
        account|accounts be! with|at
        customer of|at
        bank be! V
    """,
    ("bank", Hold.HAS): """
        have! .. account|accounts with|at
    """,
    ("bank", Hold.BEGINS): """
        move!!|switch!!|transfer!!|change!! .. account|accounts|banking|money|savings|bank|banks to|over
        open!! .. account with|at
    """,
    ("carrier", Hold.HOLDS): """
        phone|mobile|contract|plan|sim|carrier|network|provider be! .. with|from|on
        mobile|phone contract|plan|number with
        be! with V for .. phone|mobile
    """,
    ("carrier", Hold.BEGINS): """
        switch!!|port!!|move!!|change!! .. carrier|carriers|network|networks|number|sim to
        switch!!|move!!|change!! .. contract|mobile|phone to
    """,
    ("internet", Hold.HOLDS): """
        internet|broadband|wifi|fibre|router be! .. with|from|by
        be! with V for .. internet|broadband|fibre
        get! .. internet|broadband|wifi|fibre from|through|with
    """,
    ("internet", Hold.BEGINS): "switch!!|change!!|move!! .. internet|broadband|wifi|fibre to",
    ("energy", Hold.HOLDS): """
        electricity|energy|gas|power be! .. with|from|by
        get!|buy! .. electricity|energy|gas|power from|through|with
        be! with V for .. electricity|energy|gas|power
    """,
    ("energy", Hold.BEGINS): "switch!!|change!!|move!! .. electricity|energy|gas|power|supplier|tariff to",
    ("insurance", Hold.HOLDS): """
        insured with|by|at|through
        insurance|policy|cover be! .. with|from|at
        have! .. insurance|policy with|from
    """,
    ("insurance", Hold.BEGINS): """
        switch!!|change!!|move!! .. insurance|insurer|policy|cover .. to
        take!! out .. insurance|policy with
    """,
    ("gym", Hold.HOLDS): """
        train|trains|training .. at
        work! out .. at
        lift! .. at
        exercise! .. at
        gym be! V
        go! to V gym
        go! to the? gym at|in
    """,
    ("gym", Hold.BEGINS): """
        join!! V gym
        switch!!|change!!|move!! .. gym|gyms|membership to
    """,
    ("doctor", Hold.HOLDS): """
        patient of|with|at
        registered with V
        see! dr V
    """,
    ("doctor", Hold.BEGINS): """
        switch!!|change!!|move!! .. doctor|doctors|gp|gps|surgery to
        register!! with
    """,
    # What one does with one thing at a time: another takes its place with a word of change alone.
    ("supports", Hold.HOLDS): "support|supports V",
    ("voice", Hold.HOLDS): "sing|sings V in",
    ("newspaper", Hold.HOLDS): "read|reads the V",
    ("shift", Hold.HOLDS): """
        work|works nights|days|mornings|evenings|afternoons|earlies|lates|weekends
        on the? V shift|shifts
    """,
    ("party", Hold.HOLDS): """
        vote|votes for
        belong|belongs to
        member of V party
    """,
    ("place in a row", Hold.HOLDS): """
        be! <in> year|grade|room|form|group|class|ward|cabin|seat V
        be! in <a>? V class|grade|year|group|form
        be! on <a>? team|page|chapter|level|stage|ward|floor|platform V
        be! on <a>? V team|floor|ward
    """,
    ("way to work", Hold.HOLDS): """
        take|takes V to work|school|university|uni|college
        go! V to work|school
        go! to work|school by
    """,
    ("sleeps in", Hold.HOLDS): "sleep|sleeps in|on",
    ("pays with", Hold.HOLDS): "pay|pays .. with|by",
    ("heats with", Hold.HOLDS): "heat|heats .. with",
    ("sits at", Hold.HOLDS): "sit|sits at|in|next",
    ("reports to", Hold.HOLDS): "report|reports to",
    ("wears", Hold.HOLDS): "wear|wears V",
    ("teaches", Hold.HOLDS): "teach|teaches V",
    ("trains for", Hold.HOLDS): "train|training for",
    ("shops at", Hold.HOLDS): """
        shop|shops at
        do! .. shopping at
        get|gets|buy|buys .. groceries from|at
    """,
    ("learns", Hold.BEGINS): """
        switch!! from OLD to V
        switch!! from learning OLD to V
    """,
    ("vehicle", Hold.HOLDS): "drive|drives|driving V",
    ("bicycle", Hold.HOLDS): "ride|rides|riding V",
}  # fmt: skip
FRAMES = index_frames(
    ((topic, hold), frame)
    for (topic, hold), text in _FRAMES.items()
    for frame in map(compile_frame, filter(None, map(str.strip, text.splitlines())))
)
# A thing that is known by its make ("a Pixel") is told by any of these.
_THING_FRAMES = {
    Hold.HAS: """
        have! V; own! V; use! V; type! on V; work! on|with V; write! .. in|with|on V; shoot! .. with|on V;
        browse! with V; code! in|on V; be! on V; be! with V; keep! .. in|on V; take! .. in|with|on V;
        bank! with V; listen! .. on V
    """,
    Hold.BEGINS: """
        switch!! .. to V; upgrade!! .. to V; change!! .. to V; migrate!! .. to V; move!! .. over? to V;
        replace!! OLD with|by V; swap!! OLD for V; trade!! OLD for V; go!! with V; sign!! up with V; go!!
        over to V
    """,
}
THING_FRAMES = index_frames(
    (hold, compile_frame(row)) for hold, rows in _THING_FRAMES.items() for row in rows.split(";")
)
__all__ = ["FRAMES", "THING_FRAMES", "Frame", "Hold"]
