;; Reads runs: the members of objects, one after the other, as long as each name is one that was expected there, no space
;; stands between tokens, and each value is a string, number, boolean, null or an object that goes on the same way. Whatever
;; else comes, the run ends before it, and the scanner in TypeScript reads on: what is malformed, cut or unknown is judged
;; there alone. Only what is found complete, with a byte after it, is read, so that stale bytes behind the end decide nothing.
;;
;; What stands where in the memory is said in run-reader.ts, which also fills the tables, and in name-cards.ts. Bytes are
;; compared 16 at once: loads may reach over the end by a name and 32 bytes, for which there is room.
(module
  (import "runs" "memory" (memory 1))
  (import "runs" "cards" (global $cards i32))
  (import "runs" "rows" (global $rows i32))
  (import "runs" "rowsEnd" (global $rowsEnd i32))
  ;; By byte: 1 may follow a backslash, 2 is a hexadecimal digit.
  (import "runs" "escapes" (global $escapes i32))
  ;; By byte: its class in a number. By state * 7 + class: the next state, 0 for none. By state: 1 where a number may end.
  (import "runs" "classes" (global $classes i32))
  (import "runs" "states" (global $states i32))
  (import "runs" "ends" (global $ends i32))
  ;; Cards of the members whose objects are open.
  (import "runs" "stack" (global $stack i32))
  (import "runs" "stackEnd" (global $stackEnd i32))

  ;; Position after the run.
  (global $read (export "read") (mut i32) (i32.const 0))
  ;; Kind of the last value (kind.ts), and whether it is spelled with escapes.
  (global $flags (mut i32) (i32.const 0))

  ;; Where the card with this number stands.
  (func $card (param $number i32) (result i32)
    (i32.add (global.get $cards) (i32.shl (local.get $number) (i32.const 6))))

  ;; Where the value stands when the member at $at has the name on the card; 0 when it has not.
  (func $afterName (param $card i32) (param $at i32) (result i32)
    (local $left i32) (local $value i32) (local $mask i32)
    (if (i32.eqz (local.get $card)) (then (return (i32.const 0))))
    (local.set $card (call $card (local.get $card)))
    (local.set $left (i32.load8_u offset=12 (local.get $card)))
    (if (i32.eqz (local.get $left)) (then (return (i32.const 0))))
    (local.set $value (i32.add (i32.add (local.get $at) (local.get $left)) (i32.const 3)))
    ;; `":`
    (if (i32.ne (i32.load16_u (i32.sub (local.get $value) (i32.const 2))) (i32.const 0x3a22))
      (then (return (i32.const 0))))
    (loop $next
      (local.set $mask
        (select
          (i32.const 0xffff)
          (i32.sub (i32.shl (i32.const 1) (local.get $left)) (i32.const 1))
          (i32.ge_s (local.get $left) (i32.const 16))))
      (if
        (i32.ne
          (i32.and
            (i8x16.bitmask
              (i8x16.eq (v128.load offset=14 (local.get $card)) (v128.load offset=1 (local.get $at))))
            (local.get $mask))
          (local.get $mask))
        (then (return (i32.const 0))))
      (local.set $card (i32.add (local.get $card) (i32.const 16)))
      (local.set $at (i32.add (local.get $at) (i32.const 16)))
      (local.set $left (i32.sub (local.get $left) (i32.const 16)))
      (br_if $next (i32.gt_s (local.get $left) (i32.const 0))))
    (local.get $value))

  ;; The first quote, backslash or control character from $at on; $end or more when there is none.
  (func $textEnd (param $at i32) (param $end i32) (result i32)
    (local $bytes v128) (local $found i32)
    (loop $next
      (local.set $bytes (v128.load (local.get $at)))
      (local.set $found
        (i8x16.bitmask
          (v128.or
            (v128.or
              (i8x16.eq (local.get $bytes) (i8x16.splat (i32.const 0x22)))
              (i8x16.eq (local.get $bytes) (i8x16.splat (i32.const 0x5c))))
            (i8x16.lt_u (local.get $bytes) (i8x16.splat (i32.const 0x20))))))
      (if (local.get $found)
        (then (return (i32.add (local.get $at) (i32.ctz (local.get $found))))))
      (local.set $at (i32.add (local.get $at) (i32.const 16)))
      (br_if $next (i32.lt_u (local.get $at) (local.get $end))))
    (local.get $at))

  ;; 1 when the byte at $at is of this kind in the table of escapes.
  (func $isEscape (param $at i32) (param $kind i32) (result i32)
    (i32.eq
      (i32.and
        (i32.load8_u (i32.add (global.get $escapes) (i32.load8_u (local.get $at))))
        (local.get $kind))
      (local.get $kind)))

  ;; Position after the escape at $at; 0 when it is none.
  (func $escapeEnd (param $at i32) (result i32)
    (if (call $isEscape (i32.add (local.get $at) (i32.const 1)) (i32.const 1))
      (then (return (i32.add (local.get $at) (i32.const 2)))))
    (if (i32.ne (i32.load8_u offset=1 (local.get $at)) (i32.const 0x75))
      (then (return (i32.const 0))))
    (if
      (i32.and
        (i32.and
          (call $isEscape (i32.add (local.get $at) (i32.const 2)) (i32.const 2))
          (call $isEscape (i32.add (local.get $at) (i32.const 3)) (i32.const 2)))
        (i32.and
          (call $isEscape (i32.add (local.get $at) (i32.const 4)) (i32.const 2))
          (call $isEscape (i32.add (local.get $at) (i32.const 5)) (i32.const 2))))
      (then (return (i32.add (local.get $at) (i32.const 6)))))
    (i32.const 0))

  ;; Position after the string at $at; 0 when it is none or does not end.
  (func $stringEnd (param $at i32) (param $end i32) (result i32)
    (local $byte i32)
    (global.set $flags (i32.const 0))
    (local.set $at (i32.add (local.get $at) (i32.const 1)))
    (loop $next
      (local.set $at (call $textEnd (local.get $at) (local.get $end)))
      (if (i32.ge_u (local.get $at) (local.get $end)) (then (return (i32.const 0))))
      (local.set $byte (i32.load8_u (local.get $at)))
      (if (i32.eq (local.get $byte) (i32.const 0x22))
        (then (return (i32.add (local.get $at) (i32.const 1)))))
      (if (i32.ne (local.get $byte) (i32.const 0x5c)) (then (return (i32.const 0))))
      (global.set $flags (i32.const 8))
      (local.set $at (call $escapeEnd (local.get $at)))
      (br_if $next (local.get $at)))
    (i32.const 0))

  ;; Position after the number at $at; 0 when it is none.
  (func $numberEnd (param $at i32) (param $end i32) (result i32)
    (local $state i32) (local $class i32)
    (global.set $flags (i32.const 1))
    (block $over
      (loop $next
        (br_if $over (i32.ge_u (local.get $at) (local.get $end)))
        (local.set $class (i32.load8_u (i32.add (global.get $classes) (i32.load8_u (local.get $at)))))
        (br_if $over (i32.eq (local.get $class) (i32.const 6)))
        (local.set $state
          (i32.load8_u
            (i32.add
              (global.get $states)
              (i32.add (i32.mul (local.get $state) (i32.const 7)) (local.get $class)))))
        (if (i32.eqz (local.get $state)) (then (return (i32.const 0))))
        (local.set $at (i32.add (local.get $at) (i32.const 1)))
        (br $next)))
    (select
      (local.get $at)
      (i32.const 0)
      (i32.load8_u (i32.add (global.get $ends) (local.get $state)))))

  ;; Position after the value at $at; 0 when it is none that a run takes.
  (func $valueEnd (param $at i32) (param $end i32) (result i32)
    (local $bytes i32)
    (local.set $bytes (i32.load (local.get $at)))
    (if (i32.eq (i32.and (local.get $bytes) (i32.const 0xff)) (i32.const 0x22))
      (then (return (call $stringEnd (local.get $at) (local.get $end)))))
    ;; `null`
    (if (i32.eq (local.get $bytes) (i32.const 0x6c6c756e))
      (then
        (global.set $flags (i32.const 3))
        (return (i32.add (local.get $at) (i32.const 4)))))
    ;; `true`, and `false` by its last four letters
    (if (i32.eq (local.get $bytes) (i32.const 0x65757274))
      (then
        (global.set $flags (i32.const 2))
        (return (i32.add (local.get $at) (i32.const 4)))))
    (if
      (i32.and
        (i32.eq (i32.and (local.get $bytes) (i32.const 0xff)) (i32.const 0x66))
        (i32.eq (i32.load offset=1 (local.get $at)) (i32.const 0x65736c61)))
      (then
        (global.set $flags (i32.const 2))
        (return (i32.add (local.get $at) (i32.const 5)))))
    (call $numberEnd (local.get $at) (local.get $end)))

  (func $writeRow
    (param $row i32) (param $card i32) (param $name i32) (param $value i32) (param $close i32) (param $flags i32)
    (i32.store (local.get $row) (local.get $card))
    (i32.store offset=4 (local.get $row) (local.get $name))
    (i32.store offset=8 (local.get $row) (local.get $value))
    (i32.store offset=12 (local.get $row) (local.get $close))
    (i32.store offset=16 (local.get $row) (local.get $flags)))

  ;; Reads the run that begins with the name at $at, which is on one of two cards or there is none. Writes a row for each
  ;; member and each end of an object: number of the card, where the name and the value begin, where the value ends, flags.
  ;; Returns how many.
  (func (export "run") (param $at i32) (param $end i32) (param $card i32) (param $other i32) (result i32)
    (local $row i32) (local $value i32) (local $close i32) (local $top i32) (local $apart i32)
    (local.set $row (global.get $rows))
    (local.set $top (global.get $stack))
    (global.set $read (local.get $at))
    (block $over
      (loop $next
        (br_if $over (i32.ge_u (local.get $row) (global.get $rowsEnd)))
        (local.set $value (call $afterName (local.get $card) (local.get $at)))
        (if (i32.eqz (local.get $value))
          (then
            (local.set $card (local.get $other))
            (local.set $value (call $afterName (local.get $card) (local.get $at)))
            (br_if $over (i32.eqz (local.get $value)))))
        (local.set $apart
          (i32.shl (i32.load8_u offset=13 (call $card (local.get $card))) (i32.const 8)))
        (if (i32.eq (i32.load8_u (local.get $value)) (i32.const 0x7b))
          (then
            (local.set $close (i32.add (local.get $value) (i32.const 1)))
            (br_if $over (i32.ge_u (local.get $close) (local.get $end)))
            (br_if $over (i32.ge_u (local.get $top) (global.get $stackEnd)))
            (call $writeRow
              (local.get $row) (local.get $card) (local.get $at) (local.get $value) (i32.const 0)
              (i32.or (local.get $apart) (i32.const 4)))
            (local.set $row (i32.add (local.get $row) (i32.const 20)))
            (i32.store (local.get $top) (local.get $card))
            (local.set $top (i32.add (local.get $top) (i32.const 4)))
            (local.set $at (local.get $close))
            (global.set $read (local.get $at))
            (if (i32.eq (i32.load8_u (local.get $at)) (i32.const 0x22))
              (then
                (local.set $card (i32.load offset=8 (call $card (local.get $card))))
                (local.set $other (i32.const 0))
                (br $next)))
            (br_if $over (i32.ne (i32.load8_u (local.get $at)) (i32.const 0x7d))))
          (else
            (local.set $close (call $valueEnd (local.get $value) (local.get $end)))
            (br_if $over (i32.eqz (local.get $close)))
            (br_if $over (i32.ge_u (local.get $close) (local.get $end)))
            (call $writeRow
              (local.get $row) (local.get $card) (local.get $at) (local.get $value) (local.get $close)
              (i32.or (local.get $apart) (global.get $flags)))
            (local.set $row (i32.add (local.get $row) (i32.const 20)))
            (local.set $at (local.get $close))
            (global.set $read (local.get $at))))
        ;; The ends of objects that were opened in the run.
        (block $closed
          (loop $ends
            (br_if $closed (i32.ne (i32.load8_u (local.get $at)) (i32.const 0x7d)))
            (local.set $close (i32.add (local.get $at) (i32.const 1)))
            (br_if $over (i32.eq (local.get $top) (global.get $stack)))
            (br_if $over (i32.ge_u (local.get $close) (local.get $end)))
            (br_if $over (i32.ge_u (local.get $row) (global.get $rowsEnd)))
            (call $writeRow
              (local.get $row) (i32.const 0) (i32.const 0) (i32.const 0) (local.get $close) (i32.const 512))
            (local.set $row (i32.add (local.get $row) (i32.const 20)))
            (local.set $top (i32.sub (local.get $top) (i32.const 4)))
            (local.set $card (i32.load (local.get $top)))
            (local.set $at (local.get $close))
            (global.set $read (local.get $at))
            (br $ends)))
        ;; `,"`
        (br_if $over (i32.ne (i32.load16_u (local.get $at)) (i32.const 0x222c)))
        (local.set $at (i32.add (local.get $at) (i32.const 1)))
        (local.set $card (call $card (local.get $card)))
        (local.set $other (i32.load offset=4 (local.get $card)))
        (local.set $card (i32.load (local.get $card)))
        (br $next)))
    (i32.div_u (i32.sub (local.get $row) (global.get $rows)) (i32.const 20)))
)
