package main

import (
	"errors"
	"net"
	"sync"
	"time"
)

// link is a slow connection in front of an address: what goes over it waits for its turn, each direction for itself, and then travels.
// All connections share it. Opening one takes as long as a question and its answer, as over TCP.
type link struct {
	door net.Listener
	to   string
	rate float64       // bytes a second, each way
	way  time.Duration // from one end to the other

	mu   sync.Mutex
	free [2]time.Time // when the line is next free, up and down
}

// packet is what goes in one piece; queued packets are what waits on the line before its sender has to, about what travels at once.
const (
	packet = 1400
	queued = 16
)

func newLink(to string, rate float64, way time.Duration) (*link, error) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return nil, err
	}
	k := &link{door: l, to: to, rate: rate, way: way}
	go k.accept()
	return k, nil
}

func (k *link) close() error { return k.door.Close() }

func (k *link) accept() {
	for {
		near, err := k.door.Accept()
		if err != nil {
			return // closed
		}
		go func() {
			time.Sleep(2 * k.way)
			far, err := net.Dial("tcp", k.to)
			if err != nil {
				_ = near.Close()
				return
			}
			var both sync.WaitGroup
			both.Go(func() { k.carry(far, near, 0) })
			both.Go(func() { k.carry(near, far, 1) })
			both.Wait()
			_ = errors.Join(near.Close(), far.Close()) // whoever hung up has
		}()
	}
}

// carry takes what comes from one side to the other until either hangs up.
func (k *link) carry(to, from net.Conn, direction int) {
	type piece struct {
		bytes []byte
		at    time.Time
	}
	line := make(chan piece, queued)
	go func() {
		defer close(line)
		for {
			b := make([]byte, packet)
			n, err := from.Read(b)
			if n > 0 {
				line <- piece{b[:n], k.sent(n, direction).Add(k.way)}
			}
			if err != nil {
				return
			}
		}
	}()
	for p := range line {
		time.Sleep(time.Until(p.at))
		if _, err := to.Write(p.bytes); err != nil {
			_ = from.Close() // ends the reader
		}
	}
	if c, ok := to.(*net.TCPConn); ok {
		_ = c.CloseWrite()
	}
}

// sent takes the line for so many bytes, and says when the last of them has left.
func (k *link) sent(n, direction int) time.Time {
	k.mu.Lock()
	defer k.mu.Unlock()
	at := k.free[direction]
	if now := time.Now(); at.Before(now) {
		at = now
	}
	k.free[direction] = at.Add(time.Duration(float64(n) / k.rate * float64(time.Second)))
	return k.free[direction]
}
